/* The table of system calls, and the handlers that only turn numbers into objects.
 *
 * What a call does is the business of mm/ and proc/; calls whose arguments need no turning go there
 * straight from the table. */
#include "trap/syscall.h"

#include "arch/riscv/panic.h"
#include "arch/riscv/sbi.h"
#include "drivers/timer.h"
#include "lib/errno.h"
#include "mm/audit.h"
#include "mm/usercopy.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/port.h"
#include "proc/process.h"
#include "proc/resource.h"
#include "proc/sched.h"
#include "proc/wait.h"
#include "trap/information.h"
#include "trap/memory.h"
#include "trap/messages.h"
#include "trap/stay.h"

#define LOG_BYTES_MAX 256 /* of a line that goes out in one piece */

long system_call_unknown(void) { return -ENOSYS; }

/* ---- Processes and time ---- */

static long sys_exit(uint64_t status) {
    process_end(process_current(), (int)((status & 255) << 8));
    return 0;
}

static long sys_getpid(void) { return (long)process_current()->pid; }

static long sys_getppid(void) {
    return (long)atomic_load_explicit(&process_current()->parent_pid, memory_order_relaxed);
}

static long sys_thread_id(void) { return (long)thread_current()->id; }

static long sys_sleep(uint64_t nanoseconds) {
    sched_sleep(timer_after(nanoseconds));
    return 0;
}

static long sys_clock(void) { return (long)timer_nanoseconds(timer_now()); }

static long sys_yield(void) {
    thread_add_pending(thread_current(), PENDING_RESCHEDULE);
    return 0;
}

/* ---- Handles ---- */

/* The process gets a handle for an object that the caller made and has the only reference to. */
static long handle_for(struct object *object) {
    if (!object)
        return -ENOMEM;
    long number = handle_add(&process_current()->handles, object, 0, 0);
    if (number < 0)
        object_put(object);
    return number;
}

static struct object *own(long number, const struct object_type *type) {
    return handle_get(&process_current()->handles, number, type);
}

static long sys_handle_close(long number) {
    struct object *object = handle_take(&process_current()->handles, number);
    if (!object)
        return -EBADF;
    object_put(object);
    return 0;
}

static long sys_handle_dup(long number, long least, uint64_t flags) {
    struct handle_table *table = &process_current()->handles;
    struct object *replaced = NULL;
    if ((flags & ~(uint64_t)(HANDLE_CLOEXEC | HANDLE_DUP_AT)) || least < 0)
        return -EINVAL;
    struct object *object = handle_get(table, number, NULL);
    if (!object)
        return -EBADF;
    long result;
    if (flags & HANDLE_DUP_AT) {
        int error = handle_set(table, least, object, flags & HANDLE_CLOEXEC, &replaced);
        result = error ? error : least;
    } else {
        result = least > HANDLE_NUMBER_MAX
                     ? -EMFILE
                     : handle_add(table, object, least, flags & HANDLE_CLOEXEC);
    }
    if (result < 0)
        object_put(object);
    else if (replaced)
        object_put(replaced);
    return result;
}

static long sys_handle_flags(long number, long flags) {
    if (flags < -1 || flags > HANDLE_CLOEXEC)
        return -EINVAL;
    return handle_flags(&process_current()->handles, number, flags);
}

/* ---- Ports and sessions; the calls themselves are trap/messages.c's ---- */

static long sys_port_create(void) {
    struct port *port = port_create();
    return handle_for(port ? &port->object : NULL);
}

static long sys_session_create(long port_number, uint64_t badge) {
    struct object *port = own(port_number, &port_type);
    if (!port)
        return -EBADF;
    struct session *session = session_create(container_of(port, struct port, object), badge);
    object_put(port);
    if (!session)
        return -ENOMEM;
    long number = handle_add(&process_current()->handles, &session->object, 0, 0);
    if (number < 0)
        session_free(session); /* its server may not hear that what it never had was closed */
    return number;
}

/* ---- Resources ---- */

static long sys_interrupt_bind(long number, long port_number, uint64_t badge) {
    struct object *interrupt = own(number, &interrupt_type), *port = own(port_number, &port_type);
    bool both = interrupt && port;
    if (both)
        interrupt_bind(container_of(interrupt, struct interrupt, object),
                       container_of(port, struct port, object), badge);
    if (interrupt)
        object_put(interrupt);
    if (port)
        object_put(port);
    return both ? 0 : -EBADF;
}

static long sys_interrupt_done(long number) {
    struct object *interrupt = own(number, &interrupt_type);
    if (!interrupt)
        return -EBADF;
    interrupt_done(container_of(interrupt, struct interrupt, object));
    object_put(interrupt);
    return 0;
}

/* Whole pages are mapped, and the address within them returned. */
static long sys_device_map(long number) {
    struct thread *thread = thread_current();
    struct aspace *as = thread->process->as;
    struct object *object = own(number, &device_type);
    if (!object)
        return -EBADF;
    struct range registers = container_of(object, struct device, object)->registers;
    paddr_t first = page_round_down(registers.start);
    uint64_t nbytes = page_round_up(registers.end) - first;
    vaddr_t start;
    aspace_lock(as);
    int error = aspace_find_room(as, nbytes, &start);
    if (!error)
        error = aspace_map_device(as, start, first, nbytes, MAP_READ | MAP_WRITE);
    aspace_unlock(as);
    object_put(object);
    if (error)
        return error;
    thread->context.x[A0] = start + (registers.start & PAGE_MASK);
    thread->context.x[A1] = registers.end - registers.start;
    thread_add_pending(thread, PENDING_REGISTERS);
    return 0;
}

static long sys_process_open(long pid) {
    struct process *process;
    int error = process_open(pid, &process);
    return error ? error : handle_for(&process->object);
}

static long sys_process_kill(long number, uint64_t signal) {
    struct object *object = own(number, &process_type);
    if (!object)
        return -EBADF;
    long result = process_kill_tree(container_of(object, struct process, object), signal);
    object_put(object);
    return result;
}

static long sys_log(long number, vaddr_t from, uint64_t nbytes) {
    char bytes[LOG_BYTES_MAX];
    struct object *log = own(number, &log_type);
    if (!log)
        return -EBADF;
    nbytes = min_u64(nbytes, sizeof bytes);
    int error = copy_in(process_current()->as, bytes, from, nbytes);
    if (!error)
        sbi_console_write(bytes, nbytes);
    object_put(log);
    return error ? error : (long)nbytes;
}

static long sys_power_off(long number, uint64_t status) {
    if (!own(number, &power_type))
        return -EBADF;
    machine_exit((int)(status & 255));
}

#ifdef BYRE_DEBUG
static long sys_audit(void) {
    sched_stop_others();
    long violations = audit_run();
    sched_resume_others();
    return violations;
}
#else
#define sys_audit system_call_unknown
#endif

#define CALL(function) (system_call) function

const system_call system_call_table[SYS_COUNT] = {
    [SYS_EXIT] = CALL(sys_exit),
    [SYS_FORK] = CALL(process_fork),
    [SYS_EXEC] = CALL(exec_current),
    [SYS_WAIT] = CALL(process_wait),
    [SYS_KILL] = CALL(process_kill),
    [SYS_GETPID] = CALL(sys_getpid),
    [SYS_GETPPID] = CALL(sys_getppid),
    [SYS_SLEEP] = CALL(sys_sleep),
    [SYS_CLOCK] = CALL(sys_clock),
    [SYS_YIELD] = CALL(sys_yield),
    [SYS_MAP] = CALL(sys_map),
    [SYS_UNMAP] = CALL(sys_unmap),
    [SYS_PROTECT] = CALL(sys_protect),
    [SYS_BRK] = CALL(sys_brk),
    [SYS_HANDLE_CLOSE] = CALL(sys_handle_close),
    [SYS_HANDLE_DUP] = CALL(sys_handle_dup),
    [SYS_HANDLE_FLAGS] = CALL(sys_handle_flags),
    [SYS_PORT_CREATE] = CALL(sys_port_create),
    [SYS_SESSION_CREATE] = CALL(sys_session_create),
    [SYS_CALL] = CALL(sys_call),
    [SYS_RECEIVE] = CALL(sys_receive),
    [SYS_REPLY] = CALL(sys_reply),
    [SYS_REPLY_RECEIVE] = CALL(sys_reply_receive),
    [SYS_MESSAGE_READ] = CALL(sys_message_read),
    [SYS_MESSAGE_WRITE] = CALL(sys_message_write),
    [SYS_INTERRUPT_BIND] = CALL(sys_interrupt_bind),
    [SYS_INTERRUPT_DONE] = CALL(sys_interrupt_done),
    [SYS_DEVICE_MAP] = CALL(sys_device_map),
    [SYS_PROCESS_OPEN] = CALL(sys_process_open),
    [SYS_PROCESS_KILL] = CALL(sys_process_kill),
    [SYS_LOG] = CALL(sys_log),
    [SYS_POWER_OFF] = CALL(sys_power_off),
    [SYS_MEMORY_INFO] = CALL(information_memory),
    [SYS_PROCESS_INFO] = CALL(information_process),
    [SYS_REGION_INFO] = CALL(information_region),
    [SYS_PAGE_INFO] = CALL(information_pages),
    [SYS_AUDIT] = CALL(sys_audit),
    [SYS_THREAD_CREATE] = CALL(process_thread_create),
    [SYS_THREAD_ID] = CALL(sys_thread_id),
    [SYS_THREAD_EXIT] = CALL(process_thread_exit),
    [SYS_FUTEX_WAIT] = CALL(futex_wait),
    [SYS_FUTEX_WAKE] = CALL(futex_wake),
    [SYS_HART_INFO] = CALL(information_hart),
    [SYS_FILL] = CALL(sys_fill),
    [SYS_DISCARD] = CALL(sys_discard),
    [SYS_ADOPT] = CALL(process_adopt),
};

#ifdef BYRE_DEBUG
/* trap.S calls this in the place of the handler, with its arguments; the number is in the context.
 */
long system_call_timed(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                       uint64_t a6, uint64_t a7) {
    uint64_t number = thread_current()->context.x[T0];
    stay_begin(number);
    long result = ((system_call_handler)system_call_table[number])(a0, a1, a2, a3, a4, a5, a6, a7);
    if (atomic_load_explicit(&thread_current()->context.pending, memory_order_relaxed) == 0)
        stay_end(); /* else trap_leave goes on with it */
    return result;
}
#endif
