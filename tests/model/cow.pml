/* Byre's copy-on-write on two harts, for the model checker spin: docs/concurrency.md explains it.
 *
 * The one idea: until its next fence a hart may translate by any entry that it could have read
 * since the last one (Privileged, 4.2.1). So a TLB is a SET of entries, an access may use each of
 * them, and what must hold is asserted for each of them, in every state that can be reached.
 *
 * Two harts, two address spaces of one private, writable page each, three frames. A name that is
 * tested with #ifdef is a mistake; tests/model/run.py shows that spin finds each of them. */

/* A page-table entry. The region may always be written, so an entry that may not is marked COW. */
#define MARKED(frame) (2 * (frame))
#define WRITABLE(frame) (2 * (frame) + 1)
#define ABSENT 6
#define NONE 255
#define FRAME(entry) ((entry) / 2)
#define MAY_WRITE(entry) ((entry) & 1)
#define BIT(entry) (1 << (entry)) /* the entry as a member of a set */
#define FAULTS_A_STORE (BIT(MARKED(0)) | BIT(MARKED(1)) | BIT(MARKED(2)) | BIT(ABSENT))

/* What a page holds. A store of the user changes 0 to 1 or 1 to 0, so one that goes astray shows. */
#define ZEROS 0
#define POISON 2
#define NOTHING 3   /* the space has no page */
#define UNDECIDED 4 /* the page is being shared: what it reads is decided when fork ends */

/* The machine. */
byte satp[2];              /* the space that each hart translates by */
byte tlb[2];               /* the set of entries that each hart may use */
bool asked[2];             /* a shootdown that this hart has not answered yet */
byte pte[2];               /* the entry of each space, as others see it */
byte bytes[3] = POISON;    /* what each frame holds */
/* What each hart stored and others do not see yet: */
byte late_entry[2] = NONE;
byte late_space[2];        /* the space that the entry is of */
byte late_frame[2] = NONE; /* the frame whose bytes it wrote */

/* The kernel. */
byte count[3];
bool unused[3] = true;     /* on the free list */
byte harts[2];             /* page_table.harts: a set */
bool locked[2];            /* aspace.lock */

/* The specification: what a thread of each space must read. */
byte memory[2];

#define HAS(space, frame) (pte[space] != ABSENT && FRAME(pte[space]) == (frame))
#define ENTRIES(frame) (HAS(0, frame) + HAS(1, frame))
#define COUNTS_COVER_ENTRIES \
    (count[0] >= ENTRIES(0) && count[1] >= ENTRIES(1) && count[2] >= ENTRIES(2))

/* ---- The machine ---- */

/* The entry that the hart stored reaches memory, and from there, at will, the TLBs. */
inline arrive(hart) {
    if
    :: late_entry[hart] != NONE ->
        pte[late_space[hart]] = late_entry[hart];
        /* rule: the count rises before the entry is seen */
        assert(COUNTS_COVER_ENTRIES);
        if :: satp[0] == late_space[hart] -> tlb[0] = tlb[0] | BIT(late_entry[hart]) :: else fi;
        if :: satp[1] == late_space[hart] -> tlb[1] = tlb[1] | BIT(late_entry[hart]) :: else fi;
        late_entry[hart] = NONE; late_space[hart] = 0
    :: else
    fi
}

/* All that this hart stored before is seen before what it does next. */
inline barrier() { late_frame[me] = NONE; arrive(me) }

inline sfence() { arrive(me); tlb[me] = BIT(pte[satp[me]]) }

/* What goes on beside the program of a hart: its store buffer and its firmware. */
proctype machine(byte me) {
end:
    do
    :: d_step { late_entry[me] != NONE -> arrive(me) }
    :: d_step { asked[me] -> sfence(); asked[me] = false }
    od
}

/* ---- mm/pmm.c ---- */

inline frame_alloc(frame) {
    d_step {
        frame = (unused[0] -> 0 : (unused[1] -> 1 : 2));
        /* rule: nobody writes a free frame */
        assert(count[frame] == 0 && bytes[frame] == POISON);
        unused[frame] = false; count[frame] = 1
    }
}

/* Write a page of which nobody else knows. */
inline frame_fill(frame, value) { d_step { bytes[frame] = value; late_frame[me] = frame } }

inline count_add(frame, change) {
#ifdef COUNT_IN_TWO_STEPS
    before = count[frame];
    count[frame] = before + change
#else
    d_step { before = count[frame]; count[frame] = before + change }
#endif
}

inline frame_get(frame) { count_add(frame, 1); before = 0 }

inline frame_put(frame) {
    d_step { barrier() };
    count_add(frame, -1);
#ifdef ZERO_READ_AGAIN
    before = count[frame] + 1;
#endif
    /* rule: the count falls after the entry is gone */
    assert(before > 0 && COUNTS_COVER_ENTRIES);
    if
    :: before == 1 ->
        bytes[frame] = POISON;
        /* rule: a frame is freed once */
        assert(!unused[frame]);
        unused[frame] = true
    :: else
    fi;
    before = 0
}

/* ---- arch/riscv/paging.c ---- */

inline pte_store(space, entry) {
    d_step { arrive(me); late_entry[me] = entry; late_space[me] = space }
}

#define HIDE pte_store(space, ABSENT)
#ifdef SHOW_WITHOUT_BARRIER
#define SHOW pte_store(space, WRITABLE(copy))
#else /* the bytes of the page before the entry that leads to them */
#define SHOW d_step { barrier() }; pte_store(space, WRITABLE(copy))
#endif

/* Entries were stored. Whoever loads the page table after the look at .harts reads the new ones. */
inline pt_fence(space) {
#ifndef FENCE_WITHOUT_BARRIER
    d_step { barrier() };
#endif
    mask = harts[space];
    if :: mask & (1 << me) -> d_step { sfence() } :: else fi;
    if
    :: mask & (1 << (1 - me)) ->
        asked[1 - me] = true;
#ifndef NO_WAIT_FOR_ANSWER
        !asked[1 - me]
#endif
    :: else
    fi;
    mask = 0
}

inline pt_load(last, next) {
#ifndef BIT_SET_AFTER_LOAD
    harts[next] = harts[next] | (1 << me);
#endif
    d_step { satp[me] = next; tlb[me] = tlb[me] | BIT(pte[next]) };
    d_step { sfence() };
#ifdef BIT_SET_AFTER_LOAD
    harts[next] = harts[next] | (1 << me);
#endif
    harts[last] = harts[last] & ~(1 << me)
}

/* ---- mm/aspace.c ---- */

inline lock(space) { atomic { !locked[space] -> locked[space] = true } }
inline unlock(space) { d_step { barrier(); locked[space] = false } }

/* Hide, fence, put. When no hart has the space loaded, this is what aspace_destroy does. */
inline unmap(space) {
    lock(space);
    entry = pte[space];
    if
    :: entry != ABSENT ->
        HIDE; pt_fence(space); memory[space] = NOTHING; frame_put(FRAME(entry))
    :: else
    fi;
    entry = 0;
    unlock(space)
}

/* ---- mm/cow.c ---- */

/* => both locked; `to` has no page */
inline cow_share(from, to) {
    entry = pte[from];
#ifdef ENTRY_BEFORE_GET
    pte_store(to, MARKED(FRAME(entry))); d_step { barrier() };
#endif
    frame_get(FRAME(entry));
#ifndef MARK_ONLY_THE_CHILD
    if
    :: MAY_WRITE(entry) -> pte_store(from, MARKED(FRAME(entry))); downgraded = true
    :: else
    fi;
#endif
    pte_store(to, MARKED(FRAME(entry)));
    entry = 0
}

#define COPY frame_fill(copy, bytes[old])

/* => locked */
inline resolve_by_copy(space, old) {
    frame_alloc(copy);
#if defined(PUT_BEFORE_COPY)
    frame_put(old); COPY; HIDE; pt_fence(space); SHOW;
#elif defined(PUT_BEFORE_FENCE)
    COPY; HIDE; frame_put(old); pt_fence(space); SHOW;
#elif defined(ENTRY_BEFORE_FENCE)
    COPY; SHOW; pt_fence(space); frame_put(old);
#else
    COPY; HIDE; pt_fence(space); SHOW; frame_put(old);
#endif
    copy = 0
}

/* => locked; the page is there and marked COW */
inline cow_resolve(space) {
    entry = pte[space];
#ifndef COUNT_READ_BEFORE_LOCK
    owners = count[FRAME(entry)];
#endif
    if
    :: owners > 1 -> resolve_by_copy(space, FRAME(entry))
    :: else -> pte_store(space, WRITABLE(FRAME(entry)))
    fi;
    entry = 0; owners = 0
}

/* ---- mm/fault.c and mm/fork.c ---- */

/* A store needs a page that may be written. */
inline vm_fault(space) {
#ifdef COUNT_READ_BEFORE_LOCK
    d_step { if :: pte[space] != ABSENT -> owners = count[FRAME(pte[space])] :: else fi };
#endif
    lock(space);
    if
    :: pte[space] == ABSENT ->
        frame_alloc(copy); frame_fill(copy, ZEROS); memory[space] = ZEROS; SHOW; copy = 0
    :: pte[space] != ABSENT && !MAY_WRITE(pte[space]) -> cow_resolve(space)
    :: else -> pt_fence(space) /* spurious */
    fi;
    unlock(space)
}

inline vm_fork(parent, child) {
    lock(0); lock(1); /* by address */
    if
    :: pte[parent] != ABSENT && pte[child] == ABSENT ->
        memory[child] = UNDECIDED;
        cow_share(parent, child);
#ifndef SHARE_WITHOUT_FENCE
        if :: downgraded -> pt_fence(parent) :: else fi; /* pt_fence_flush */
#endif
        /* From now on both sides are alike. */
        d_step { memory[child] = memory[parent]; downgraded = false }
    :: else
    fi;
    unlock(parent); unlock(child)
}

/* ---- What must hold ---- */

/* Of a frame that this hart, in user mode, may use now. */
inline check_access(frame) {
    if
    :: tlb[me] & (BIT(MARKED(frame)) | BIT(WRITABLE(frame))) ->
        /* rule: no hart may use a free frame */
        assert(count[frame] > 0 && !unused[frame]);
        /* rule: the bytes of a page are seen before its entry */
        assert(late_frame[1 - me] != frame);
        /* rule: a thread reads what its space last stored */
        assert(memory[satp[me]] == UNDECIDED || bytes[frame] == memory[satp[me]])
    :: else
    fi
}

/* Of every frame while no lock is held. */
inline check_frame(frame) {
    /* rule: the count is the number of entries */
    assert(count[frame] == ENTRIES(frame));
    /* rule: a frame is free when its count is 0 */
    assert(unused[frame] == (count[frame] == 0));
    /* rule: an entry that may be written is the only one */
    assert(count[frame] == 1 || (pte[0] != WRITABLE(frame) && pte[1] != WRITABLE(frame)))
}

/* ---- The harts ---- */

inline store(frame) {
    tlb[me] & BIT(WRITABLE(frame)) ->
    memory[satp[me]] = 1 - memory[satp[me]];
    bytes[frame] = memory[satp[me]]
}

proctype hart(byte me) {
    byte space, entry, copy, owners, before, mask;
    bool downgraded;
    do
    :: d_step { check_access(0); check_access(1); check_access(2) }
    :: d_step { !locked[0] && !locked[1] -> check_frame(0); check_frame(1); check_frame(2) }
    :: d_step { store(0) } :: d_step { store(1) } :: d_step { store(2) }
    :: tlb[me] & FAULTS_A_STORE -> vm_fault(satp[me])
    :: vm_fork(satp[me], 1 - satp[me])
    :: atomic { if :: space = 0 :: space = 1 fi }; unmap(space); space = 0
    :: space = satp[me]; pt_load(space, 1 - space); space = 0
    od
}

init {
    d_step {
        harts[0] = 3; tlb[0] = BIT(WRITABLE(0)); tlb[1] = BIT(WRITABLE(0));
        pte[0] = WRITABLE(0); pte[1] = ABSENT; memory[1] = NOTHING;
        count[0] = 1; unused[0] = false; bytes[0] = ZEROS
    };
    atomic { run machine(0); run machine(1); run hart(0); run hart(1) }
}
