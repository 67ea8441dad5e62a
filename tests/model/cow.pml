/* Byre's copy-on-write on two harts, for the model checker spin: docs/concurrency.md explains it.
 *
 * The one idea: a hart may translate by any entry that was valid since its last fence (Privileged,
 * 4.2.1), so a TLB is the SET of those translations, and every access picks one of them. What
 * must hold is asserted for each member of the set, in every state the two harts can reach.
 *
 * Two harts, two address spaces with one page each, FRAMES frames, and another owner of frames.
 * Either space may be the parent. A name in capitals that is tested with #ifdef is a mistake;
 * tests/model/run.py shows that each is found. Without any, this is the order that is right. */

#ifndef FRAMES
#define FRAMES 3
#endif
#define NO_FRAME 7
#define NO_SPACE 2
#define ME_BIT (1 << me)
#define OTHER_BIT (1 << (1 - me))

/* An entry: three bits and the number of the frame. 0: there is no page. */
#define VALID 1
#define WRITE 2
#define MARK 4
#define ENTRY(frame, bits) (((frame) << 3) | VALID | (bits))
#define FRAME(entry) ((entry) >> 3)
#define MAPS(space, frame) ((pte[space] & VALID) && FRAME(pte[space]) == (frame))
#define ENTRIES(frame) (MAPS(0, frame) + MAPS(1, frame))

/* One translation as a bit of a set: frame, and whether it allows a store. */
#define READS(frame) (1 << (2 * (frame)))
#define STORES(frame) (2 << (2 * (frame)))
#define TRANSLATION(entry) \
    (((entry) & VALID) -> (((entry) & WRITE) -> STORES(FRAME(entry)) : READS(FRAME(entry))) : 0)
#define ALL_READS (READS(0) | READS(1) | READS(2))

/* What a page holds. A store changes 0 to 1 and 1 to 0, so a store that goes astray shows. */
#define ZEROS 0
#define POISON 2
#define OTHERS 3
#define NOTHING 4

/* The machine. */
byte pte[2];          /* one entry for each space */
byte harts[2];        /* page_table.harts */
byte satp[2];         /* which space each hart translates by */
byte may[2];          /* the translations each hart may use */
bool ask[2];          /* a shootdown that this hart has not answered yet */
byte waiting[2];      /* an entry that a hart stored and others cannot see yet; 0xff: none */
byte waiting_space[2];

/* The kernel. */
bool held[2];         /* aspace.lock */
bool stale[2];        /* pt_fence_later was called */
byte count[FRAMES];
bool unused[FRAMES];  /* on the free list */
byte bytes[FRAMES];
byte unseen[FRAMES];  /* 1 + hart that wrote bytes which others may not see yet */

/* What the user may rely on, and what proc/ would know. */
byte memory[2];       /* what a thread of the space must read */
bool exists[2];
bool ready[2];        /* threads of the space may run */
byte users[2];        /* harts that run one, or copy to it */
byte in_kernel;
byte other_frame = NO_FRAME;
#ifdef POLLED
bool hears[2] = true; /* the hart answers shootdowns now */
#define DEAF hears[me] = false
#define HEARS hears[me] = true
#else
#define DEAF skip
#define HEARS skip
#endif

#define CURRENT(hart) (satp[hart] == NO_SPACE -> 0 : TRANSLATION(pte[satp[hart]]))

/* ---- The machine ---- */

/* Always true, not only when it is quiet: the count rises before the entry and falls after it. */
#define COUNTS_COVER_ENTRIES \
    (count[0] >= ENTRIES(0) && count[1] >= ENTRIES(1) && count[2] >= ENTRIES(2))

/* The hart's store reaches memory: from now on a walker may find it. */
inline arrive(hart) {
    if
    :: waiting[hart] != 255 ->
        pte[waiting_space[hart]] = waiting[hart];
        if :: satp[0] == waiting_space[hart] -> may[0] = may[0] | CURRENT(0) :: else fi;
        if :: satp[1] == waiting_space[hart] -> may[1] = may[1] | CURRENT(1) :: else fi;
        waiting[hart] = 255; waiting_space[hart] = 0;
#ifndef IGNORE_COVER
        assert(COUNTS_COVER_ENTRIES)
#endif
    :: else
    fi
}

inline bytes_arrive(hart) {
    if :: unseen[0] == hart + 1 -> unseen[0] = 0 :: else fi;
    if :: unseen[1] == hart + 1 -> unseen[1] = 0 :: else fi;
    if :: unseen[2] == hart + 1 -> unseen[2] = 0 :: else fi
}

/* What a hart stored before is seen by all before what it does next. */
inline barrier() { bytes_arrive(me); arrive(me) }

inline pte_store(space, entry) {
    d_step { arrive(me); waiting[me] = entry; waiting_space[me] = space }
}

/* The bytes of the page first, then the entry that leads to them. */
inline pte_store_release(space, entry) {
    d_step {
#ifndef ENTRY_BEFORE_BYTES
        bytes_arrive(me);
#endif
        arrive(me); waiting[me] = entry; waiting_space[me] = space
    }
}

inline sfence() { may[me] = CURRENT(me) }

/* The firmware of a hart, and its store buffer: at any moment. */
proctype machine(byte me) {
end:
    do
#ifdef POLLED
    :: d_step { ask[me] && hears[me] -> sfence(); ask[me] = false }
#else
    :: d_step { ask[me] -> sfence(); ask[me] = false }
#endif
    :: d_step { waiting[me] != 255 -> arrive(me) }
    od
}

/* ---- mm/pmm.c ---- */

/* f: a frame that nobody else has, or NO_FRAME. => its count is 1 */
inline frame_alloc(f) {
    d_step {
        if
        :: unused[0] -> f = 0
        :: else -> if :: unused[1] -> f = 1
                   :: else -> if :: unused[2] -> f = 2 :: else -> f = NO_FRAME fi
                   fi
        fi;
        if
        :: f != NO_FRAME ->
            assert(count[f] == 0 && bytes[f] == POISON); /* written while free? */
            unused[f] = false; count[f] = 1
        :: else
        fi
    }
}

inline frame_get(f) { d_step { assert(count[f] > 0); count[f]++ } }

inline frame_put(f) {
    d_step {
        barrier();
        assert(count[f] > 0);
        count[f]--;
        assert(COUNTS_COVER_ENTRIES);
        last = count[f] == 0
    };
    if
    :: last ->
        d_step { last = false; bytes[f] = POISON };
        d_step { assert(!unused[f]); unused[f] = true }
    :: else
    fi
}

/* ---- lib/lock.h, and lock and unlock of mm/aspace.c ---- */

inline lock_acquire(space) {
#ifndef DEAF_IN_LOCK
    HEARS;
#endif
    atomic { !held[space] -> held[space] = true; DEAF }
}

inline lock_release(space) { d_step { barrier(); assert(held[space]); held[space] = false } }

inline aspace_unlock(space) {
#ifdef UNLOCK_BEFORE_FENCE
    d_step { late = stale[space]; stale[space] = false; snapshot(space) };
    lock_release(space);
    if :: late -> late = false; pt_fence(space) :: else fi
#else
    if :: stale[space] -> pt_fence(space); stale[space] = false :: else fi;
    d_step { snapshot(space); barrier(); held[space] = false }
#endif
}

/* ---- arch/riscv/paging.c ---- */

inline pt_fence(space) {
#ifndef MASK_BEFORE_STORE
    d_step { barrier() };
#endif
    mask = harts[space];
    if :: mask & ME_BIT -> d_step { arrive(me); sfence() } :: else fi;
    if
    :: mask & OTHER_BIT ->
        mask = 0;
        ask[1 - me] = true;
#ifndef NO_ANSWER
#ifndef DEAF_IN_FENCE
        HEARS;
#endif
        atomic { !ask[1 - me] -> DEAF }
#endif
    :: else -> mask = 0
    fi
}

/* now: a space that has a thread for us, or NO_SPACE. `users` says so before we begin. */
inline pt_load(was, now) {
#ifndef BIT_AFTER_LOAD
    if :: now != NO_SPACE -> harts[now] = harts[now] | ME_BIT :: else fi;
#endif
#ifdef BIT_GONE_EARLY
    if :: was != NO_SPACE -> harts[was] = harts[was] & ~ME_BIT :: else fi;
#endif
    d_step { satp[me] = now; may[me] = may[me] | CURRENT(me) };
    sfence();
#ifdef BIT_AFTER_LOAD
    if :: now != NO_SPACE -> harts[now] = harts[now] | ME_BIT :: else fi;
#endif
    if :: was != NO_SPACE -> d_step { barrier(); harts[was] = harts[was] & ~ME_BIT } :: else fi
}

/* ---- mm/cow.c ---- */

/* What the child shall read is what the parent reads when the parent's lock is let go of. */
inline snapshot(space) {
    if
    :: child != NO_SPACE && space != child -> memory[child] = memory[space]
    :: else
    fi
}

inline cow_share(from, to) {
    entry = pte[from];
    if
    :: entry & VALID ->
#ifndef GET_AFTER_ENTRY
        frame_get(FRAME(entry));
#endif
        if
        :: entry & WRITE ->
            pte_store(from, ENTRY(FRAME(entry), MARK));
#ifndef NO_FENCE_AFTER_SHARE
            stale[from] = true
#endif
        :: else
        fi;
        pte_store(to, ENTRY(FRAME(entry), MARK));
#ifdef GET_AFTER_ENTRY
        frame_get(FRAME(entry));
#endif
    :: else
    fi;
    entry = 0
}

/* old, copy: the frames. The bytes are read and written in two steps: others may come between. */
inline resolve_by_copy(space, old, copy) {
    frame_alloc(copy);
    if
    :: copy != NO_FRAME ->
        byte_read = bytes[old];
        d_step { bytes[copy] = byte_read; unseen[copy] = me + 1; byte_read = 0 };
#ifdef ENTRY_BEFORE_FENCE
        pte_store_release(space, ENTRY(copy, WRITE));
#else
        pte_store(space, ENTRY(old, MARK) & ~VALID);
#endif
#ifdef PUT_BEFORE_FENCE
        frame_put(old);
#endif
#ifdef UNLOCK_BEFORE_RESOLVE_FENCE
        lock_release(space);
#endif
        pt_fence(space);
#ifdef UNLOCK_BEFORE_RESOLVE_FENCE
        lock_acquire(space);
#endif
#ifndef ENTRY_BEFORE_FENCE
        pte_store_release(space, ENTRY(copy, WRITE));
#endif
#ifndef PUT_BEFORE_FENCE
        frame_put(old)
#endif
    :: else
    fi;
    copy = 0
}

inline cow_resolve(space) {
    entry = pte[space];
#ifdef DROP_THEN_ASK
    d_step { barrier(); count[FRAME(entry)]-- };
    others = count[FRAME(entry)];
    count[FRAME(entry)]++;
#else
#ifndef COUNT_WITHOUT_LOCK
    others = count[FRAME(entry)] - 1;
#endif
#endif
#ifdef TAKE_SHARED
    others = (others > 0 -> others - 1 : 0);
#endif
    if
    :: others > 0 -> resolve_by_copy(space, FRAME(entry), frame)
    :: else -> pte_store(space, ENTRY(FRAME(entry), WRITE))
    fi;
    entry = 0; others = 0
}

/* ---- mm/fault.c, mm/aspace.c, mm/fork.c, mm/usercopy.c ---- */

/* A store needs a page that may be written. => space locked */
inline fault_settle(space) {
    if
    :: !(pte[space] & VALID) ->
        assert(pte[space] == 0);
        frame_alloc(frame);
        if
        :: frame != NO_FRAME ->
            d_step { bytes[frame] = ZEROS; unseen[frame] = me + 1; memory[space] = ZEROS };
            pte_store_release(space, ENTRY(frame, WRITE))
        :: else
        fi;
        frame = 0
    :: (pte[space] & VALID) && !(pte[space] & WRITE) -> cow_resolve(space)
    :: else -> pt_fence(space) /* spurious */
    fi
}

inline vm_fault(space) {
#ifdef COUNT_WITHOUT_LOCK
    d_step { others = ((pte[space] & VALID) -> count[FRAME(pte[space])] - 1 : 0) };
#endif
    lock_acquire(space);
    fault_settle(space);
    aspace_unlock(space)
}

/* region_remove: hide, fence, put. */
inline unmap(space) {
    lock_acquire(space);
    entry = pte[space];
    if
    :: entry & VALID ->
        pte_store(space, entry & ~VALID);
#ifdef UNMAP_PUTS_FIRST
        frame_put(FRAME(entry));
        pt_fence(space);
        d_step { memory[space] = NOTHING };
        pte_store(space, 0)
#else
        pt_fence(space);
        d_step { memory[space] = NOTHING };
        pte_store(space, 0);
        frame_put(FRAME(entry))
#endif
    :: else
    fi;
    entry = 0;
    aspace_unlock(space)
}

/* aspace_destroy: no thread is left, and no hart has it loaded. No fence. */
inline destroy(space) {
    lock_acquire(space);
    entry = pte[space];
    if
    :: entry & VALID -> pte_store(space, 0); frame_put(FRAME(entry))
    :: else
    fi;
    entry = 0;
    lock_release(space);
    d_step { assert(harts[space] == 0); memory[space] = NOTHING; exists[space] = false }
}

inline lock_two(a, b) {
#ifdef NO_LOCK_ORDER
    lock_acquire(a); lock_acquire(b)
#else
    if
    :: a < b -> lock_acquire(a); lock_acquire(b)
    :: else -> lock_acquire(b); lock_acquire(a)
    fi
#endif
}

inline fork(parent) {
    child = 1 - parent;
    lock_two(parent, child);
    cow_share(parent, child);
    aspace_unlock(parent);
    aspace_unlock(child);
    d_step { ready[child] = true; child = NO_SPACE }
}

/* copy_between: the page of `from` is copied to that of `to`, through the kernel's own map. */
inline copy_between(to, from) {
    lock_two(to, from);
    if :: !(pte[to] & WRITE) -> fault_settle(to) :: else fi;
    d_step { barrier() };
    if
    :: (pte[to] & WRITE) && (pte[from] & VALID) ->
        d_step {
            assert(bytes[FRAME(pte[from])] == memory[from]);
            bytes[FRAME(pte[to])] = memory[from]; memory[to] = memory[from]
        }
    :: else
    fi;
    aspace_unlock(to);
    aspace_unlock(from)
}

/* ---- What must hold ---- */

/* One translation that a hart in user mode may use now. */
inline check_read(f) {
    if
    :: may[me] & (READS(f) | STORES(f)) ->
        assert(count[f] > 0 && !unused[f]);               /* never a free frame */
        assert(unseen[f] == 0 || unseen[f] == me + 1);    /* never old bytes under a new entry */
        assert(bytes[f] == memory[satp[me]])              /* always what the space last stored */
    :: else
    fi;
    if
    :: may[me] & STORES(f) ->
        assert(!ready[1 - satp[me]] || !MAPS(1 - satp[me], f)) /* never somebody else's frame */
    :: else
    fi
}

/* Between calls no frame is lost or doubled, and who may write is alone. */
inline check_quiet(f) {
    assert(count[f] == ENTRIES(f) + (other_frame == f));
    assert(unused[f] == (count[f] == 0))
}

inline check_space(s) {
    assert(held[s] || !(pte[s] & WRITE) || (count[FRAME(pte[s])] == 1 && !(pte[s] & MARK)));
    assert(held[s] || !(pte[s] & VALID) || ((pte[s] & WRITE) != 0) != ((pte[s] & MARK) != 0))
}

inline check() {
    check_read(0); check_read(1); check_read(2);
    check_space(0); check_space(1);
    if
    :: in_kernel == 0 && waiting[0] == 255 && waiting[1] == 255 ->
        check_quiet(0); check_quiet(1); check_quiet(2)
    :: else
    fi
}

/* ---- The harts ---- */

/* Another owner of frames: it takes one, fills it, and wants to find it so. */

#define f other_frame
proctype other() {
end:
    do
    :: d_step { other_frame == NO_FRAME && (unused[0] || unused[1] || unused[2]) ->
           frame_alloc(f); bytes[f] = OTHERS }
    :: d_step { other_frame != NO_FRAME ->
           assert(bytes[f] == OTHERS && count[f] == 1);
           count[f] = 0; bytes[f] = POISON; unused[f] = true; f = NO_FRAME }
    :: break
    od
}
#undef f

#define USER satp[me]
#define ENTER in_kernel++; DEAF
#define LEAVE in_kernel--; HEARS

proctype hart(byte me) {
    byte entry, frame, others, mask, byte_read, next;
    byte child = NO_SPACE;
    bool last, late;

idle: /* no space is loaded, and nothing is held */
    if
    :: atomic { ready[0] -> users[0]++; next = 0; ENTER }
    :: atomic { ready[1] -> users[1]++; next = 1; ENTER }
    :: atomic { ready[0] && users[0] == 0 -> ready[0] = false; next = 0; ENTER }; goto end_space
    :: atomic { ready[1] && users[1] == 0 -> ready[1] = false; next = 1; ENTER }; goto end_space
    :: goto stop
    fi;
    pt_load(NO_SPACE, next);
    atomic { next = 0; LEAVE };

user:
    do
    :: d_step { check() }
    :: d_step { may[me] & (STORES(0) | STORES(1) | STORES(2)) ->
           if
           :: may[me] & STORES(0) -> next = 0
           :: else -> if :: may[me] & STORES(1) -> next = 1 :: else -> next = 2 fi
           fi;
           memory[USER] = 1 - memory[USER]; bytes[next] = memory[USER]; next = 0 }
    :: atomic { (may[me] & ALL_READS) || !may[me] -> ENTER }; vm_fault(USER); atomic { LEAVE }
    :: atomic { !exists[1 - USER] -> exists[1 - USER] = true; ENTER }; fork(USER); atomic { LEAVE }
    :: atomic { may[me] -> ENTER }; unmap(USER); atomic { LEAVE }
#ifdef MESSAGES
    :: atomic { ready[1 - USER] -> users[1 - USER]++; next = 1 - USER; ENTER };
       copy_between(next, USER);
       atomic { users[next]--; next = 0; LEAVE }
#endif
    :: atomic { ready[1 - USER] -> users[1 - USER]++; next = USER; ENTER }; pt_load(next, 1 - next);
       atomic { users[next]--; next = 0; LEAVE }
#ifdef THREAD_LEAVES_FIRST
    :: atomic { next = USER; users[next]--; ENTER }; pt_load(next, NO_SPACE);
       atomic { next = 0; LEAVE }; goto idle
#else
    :: atomic { next = USER; ENTER }; pt_load(next, NO_SPACE);
       atomic { users[next]--; next = 0; LEAVE }; goto idle
#endif
    od;

end_space:
    destroy(next);
    atomic { next = 0; LEAVE };
    goto idle;

stop:
    skip
}

init {
    d_step {
        satp[0] = NO_SPACE; satp[1] = NO_SPACE;
        waiting[0] = 255; waiting[1] = 255;
        memory[0] = ZEROS; memory[1] = NOTHING;
        exists[0] = true; ready[0] = true;
        pte[0] = ENTRY(0, WRITE);
        count[0] = 1; bytes[1] = POISON; bytes[2] = POISON;
        unused[1] = true; unused[2] = true
    };
    atomic { run machine(0); run machine(1); run hart(0); run hart(1)
#ifdef OTHER
    ; run other()
#endif
    }
}
