/* Threads: what runs, and what it waits for.
 *
 * The one idea: a thread that does not run is its saved registers and nothing else. A wait is the
 * last thing that its system call does; whoever ends the wait writes the results into the
 * registers. Who moves `state` from THREAD_WAITING to THREAD_READY ends the wait: it is a single
 * atomic step, so a reply and a kill that come together cannot both do it. */
#pragma once

#include "arch/riscv/csr.h"
#include "arch/riscv/fp.h"
#include "arch/riscv/context.h"
#include "lib/list.h"
#include "lib/types.h"

struct aspace;
struct process;
struct port;
struct session;

enum thread_state {
    THREAD_READY, /* on a ready queue, or about to be */
    THREAD_RUNNING,
    THREAD_WAITING,
};

/* What a thread waits for, and so which list its `waiting` link is on. */
enum wait {
    WAIT_NONE,
    WAIT_CHILD,   /* process.waiters: a child that ends */
    WAIT_SLEEP,   /* the clock */
    WAIT_RECEIVE, /* port.receivers: a message */
    WAIT_SEND,    /* port.callers: to be received */
    WAIT_REPLY,   /* port.open: a reply */
    WAIT_FUTEX,   /* a list of futex.c's: a word of memory */
    WAIT_ALONE,   /* none: the other threads of its process end, and it execs */
};

/* Memory of a thread's process, for messages. */
struct buffer {
    vaddr_t start;
    uint64_t nbytes;
};

/* The call that a client has made. */
struct call {
    struct session *session; /* a reference; NULL: there is no call */
    struct process *server;  /* who received it; NULL: nobody yet */
    uint64_t token;          /* of this call, or of the last one; thread_next_token */
    uint64_t words[4];
    struct buffer out; /* what the server may read, below 4 GiB */
    struct buffer in;  /* what it may write, below 4 GiB */
    uint32_t flags;    /* MESSAGE_HANDLE: word 3 is a handle to give away */
};

/* What a thread waits for by a futex: a word of private memory (as) or of shared (memory). */
struct futex_key {
    const struct aspace *as; /* NULL: shared */
    uint64_t memory;         /* region.memory; 0: private */
    vaddr_t address;
};

struct thread {
    struct context context; /* first: tp points at both */

    uint32_t id;
    uint32_t token_id; /* by which its tokens find it; another one than `id` once those ran out */
    struct process *process;
    struct list sibling; /* process.threads; guarded by the process tree's lock */

    _Atomic uint32_t state;   /* enum thread_state */
    _Atomic uint32_t on_hart; /* 1: a hart still holds something of it: registers, page table */
    enum wait wait;           /* of a running thread: WAIT_NONE, or what a kill took it out of */
    struct list waiting;      /* guarded by the lock of what it waits on */
    struct list ready;        /* in a hart's queue */
    struct list timer;        /* in hart.sleepers, when sleeps_at is a hart */
    struct hart *sleeps_at;
    uint64_t deadline;                      /* ticks */
    long (*timeout)(struct thread *thread); /* at the deadline: sched_wake_at */
    long awaited_pid;                       /* WAIT_CHILD: -1: any */
    vaddr_t status_address;                 /* WAIT_CHILD: where the status goes; 0: nowhere */
    struct port *_Atomic port;              /* WAIT_RECEIVE, WAIT_SEND, WAIT_REPLY: a hold */
    struct futex_key futex;                 /* WAIT_FUTEX */
    struct call call;
    struct buffer receive_buffer; /* for the data of calls that it receives */

    uint64_t started;     /* tick at which it last began to run */
    struct hart *fp_hart; /* whose floating-point registers it last owned; NULL: never used any */
    struct fp_state fp;
};

/* The thread whose system call or trap this hart handles. In idle: the hart's idle thread. */
static inline struct thread *thread_current(void) { return tp_read(); }

static inline void thread_set_current(struct thread *thread) { tp_write(thread); }

/* Tell `thread`, which is on this hart or is waiting, not simply to go on. */
static inline void thread_add_pending(struct thread *thread, uint64_t pending) {
    atomic_fetch_or_explicit(&thread->context.pending, pending, memory_order_acq_rel);
}

/* A new thread of `process`, with all registers 0, not on any queue.
 * => 0 and *thread; -ENOMEM */
must_check int thread_create(struct process *process, struct thread **thread);

/* => it has ended, or never ran; it is not on any list */
void thread_free(struct thread *thread);

/* The thread with this id, or token id, or NULL.
 * => the lock of thread_map_lock held, which keeps it there */
struct thread *thread_find(uint32_t id);
void thread_map_lock(void);
void thread_map_unlock(void);

/* ---- Tokens: names of calls, each used once while the machine runs ----
 * The low bits are the token id of the client's thread, the others count. A new thread counts on
 * from where all threads that have ended left off, so an id that is used again brings no token
 * back. When the count of a thread has reached its end, the thread gets an id that nobody had. */
#define TOKEN_ID_BITS 24
#define TOKEN_STEP ((uint64_t)1 << TOKEN_ID_BITS)

static inline uint32_t token_id(uint64_t token) { return token & (TOKEN_STEP - 1); }

/* thread_next_token's way when the count is at its end. */
must_check int thread_renew_token(struct thread *thread);

/* Give thread->call a token that no call has had. => 0; -ENOMEM: the call has none */
must_check static inline int thread_next_token(struct thread *thread) {
    uint64_t next = thread->call.token + TOKEN_STEP;
    if (next < TOKEN_STEP)
        return thread_renew_token(thread);
    thread->call.token = next;
    return 0;
}

/* End a wait by force. => true: the caller did, and must call sched_ready; the thread is still on
 * the list that it waited on; false: it did not wait, or somebody else was first */
static inline bool thread_win_wakeup(struct thread *thread) {
    uint32_t waiting = THREAD_WAITING;
    return atomic_compare_exchange_strong_explicit(&thread->state, &waiting, THREAD_READY,
                                                   memory_order_acq_rel, memory_order_acquire);
}

/* A kill marks first and looks at the state afterwards, a wait the other way round, and both mark
 * by an atomic step on `pending`: whoever comes second sees what the first did.
 * => false: it is the wait, which ends before it began */
static inline bool thread_wait_begin(struct thread *thread, enum wait wait, uint64_t pending) {
    thread->wait = wait;
    atomic_store_explicit(&thread->state, THREAD_WAITING, memory_order_relaxed);
    uint64_t before =
        atomic_fetch_or_explicit(&thread->context.pending, pending, memory_order_acq_rel);
    return !((before & PENDING_END) && thread_win_wakeup(thread));
}

/* The current thread waits from now on. => it is on the list that `wait` names, whose lock is held
 * => its registers are the waker's to fill in */
static inline void thread_wait(struct thread *thread, enum wait wait) {
    if (!thread_wait_begin(thread, wait, PENDING_RESCHEDULE | PENDING_REGISTERS))
        atomic_store_explicit(&thread->state, THREAD_RUNNING, memory_order_relaxed);
}

/* As thread_wait, for a thread that was woken and has not run since. => false: its process is
 * ending meanwhile, and the caller must call sched_ready */
static inline bool thread_wait_again(struct thread *thread, enum wait wait) {
    return thread_wait_begin(thread, wait, 0);
}

/* End a wait as it was meant to end. => it was taken off the list that it waited on
 * => true: the caller must fill in the result and call sched_ready or sched_switch_to; false: its
 *    process is ending, leave it alone */
static inline bool thread_wake(struct thread *thread) {
    if (!thread_win_wakeup(thread))
        return false;
    thread->wait = WAIT_NONE;
    return true;
}
