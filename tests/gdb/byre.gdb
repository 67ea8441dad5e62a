# Commands for ./byre gdb. `help byre` lists them.
set pagination off
set confirm off

define byre
    help user-defined
end
document byre
The commands of this file.
end

define threads
    python
import gdb
def slots(node, height):
    for i in range(64):
        slot = node['slot'][i]
        if int(slot) == 0:
            continue
        if height > 0:
            yield from slots(slot.cast(node.type.pointer()).dereference(), height - 1)
        else:
            yield slot
threads = gdb.parse_and_eval("'thread.c'::map")
states = ["ready", "running", "waiting", "ended"]
if int(threads['root']):
    for slot in slots(threads['root'].dereference(), int(threads['height'])):
        thread = slot.cast(gdb.lookup_type('struct thread').pointer()).dereference()
        process = thread['process'].dereference()
        print("thread %d of [pid %d %s]: %s, %s, pc %#x" % (
            int(thread['id']), int(process['pid']), process['name'].string(),
            states[int(thread['state'])], thread['wait'], int(thread['frame']['pc'])))
    end
end
document threads
All threads: process, state, what they wait for, program counter.
end
