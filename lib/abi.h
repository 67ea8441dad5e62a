/* The contract between the kernel and user programs: system-call numbers, the structures
 * that calls fill, and the places in a user address space that both sides know.
 *
 * Both sides include this one file, so that it can only be wrong in both at once. It holds
 * constants and plain structures, no code, and may be included from assembly.
 * The table of system calls, with arguments and errors, is docs/syscalls.md.
 *
 * Register convention of a system call: the number in t0, arguments in a0..a7 (a C function's
 * eight argument registers), the result in a0. s0..s11, ra, sp, gp and tp survive; t0..t6 and
 * a1..a7 do not, unless the call is documented to return values in them. */
#pragma once

/* ---- System-call numbers ---- */
#define SYS_EXIT 0
#define SYS_FORK 1
#define SYS_EXEC 2
#define SYS_WAIT 3
#define SYS_KILL 4
#define SYS_GETPID 5
#define SYS_GETPPID 6
#define SYS_SLEEP 7
#define SYS_CLOCK 8
#define SYS_YIELD 9
#define SYS_MAP 10
#define SYS_UNMAP 11
#define SYS_PROTECT 12
#define SYS_BRK 13
#define SYS_HANDLE_CLOSE 14
#define SYS_HANDLE_DUP 15
#define SYS_HANDLE_FLAGS 16
#define SYS_PORT_CREATE 17
#define SYS_SESSION_CREATE 18
#define SYS_CALL 19
#define SYS_RECEIVE 20
#define SYS_REPLY 21
#define SYS_REPLY_RECEIVE 22
#define SYS_MESSAGE_READ 23
#define SYS_MESSAGE_WRITE 24
#define SYS_INTERRUPT_BIND 25
#define SYS_INTERRUPT_DONE 26
#define SYS_DEVICE_MAP 27
#define SYS_PROCESS_OPEN 28
#define SYS_PROCESS_KILL 29
#define SYS_LOG 30
#define SYS_POWER_OFF 31
#define SYS_MEMORY_INFO 32
#define SYS_PROCESS_INFO 33
#define SYS_REGION_INFO 34
#define SYS_PAGE_INFO 35
#define SYS_AUDIT 36
#define SYS_THREAD_CREATE 37
#define SYS_THREAD_EXIT 38
#define SYS_FUTEX_WAIT 39
#define SYS_FUTEX_WAKE 40
#define SYS_HART_INFO 41
#define SYS_FILL 42
#define SYS_DISCARD 43
#define SYS_THREAD_ID 44
#define SYS_ADOPT 45
#define SYS_COUNT 46

/* ---- Where things lie in a user address space ----
 * The stack ends one page below the program, and both lie in the same 2 MiB, so that a small
 * process has three page-table frames and no more: see docs/address-spaces.md. */
#define USER_PAGE_SIZE 4096
#define USER_STACK_MAX 0x800000    /* bytes; grows down on demand to here, then the guard */
#define USER_STACK_TOP 0x10ff000   /* first byte above the stack */
#define USER_IMAGE_BASE 0x1100000  /* where programs are linked */
#define USER_MAP_BASE 0x1000000000 /* SYS_MAP chooses addresses from here upward */
#define USER_END 0x4000000000      /* first byte that is not user memory (Sv39 low half) */

/* ---- Rights and flags of SYS_MAP and SYS_PROTECT ---- */
#define MAP_READ 1
#define MAP_WRITE 2
#define MAP_EXEC 4
#define MAP_RIGHTS 7
#define MAP_SHARE 8 /* stays one memory across fork; without it, private (copy-on-write) */
#define MAP_AT 16   /* exactly at the address given; without it the address is ignored */

/* One SYS_MAP makes so much shared memory at the most. The rest of the range is kept free, and is
 * made by further calls with the address and the length of what is left, and all three flags. */
#define MAP_SHARE_MAX 0x100000 /* bytes */
#define MAP_RESERVED 32        /* with MAP_SHARE and MAP_AT: go on with what a call has begun */

/* ---- Handles ---- */
#define HANDLE_CLOEXEC 1 /* exec closes it */
#define HANDLE_DUP_AT 2  /* SYS_HANDLE_DUP: exactly this number, closing what it named */

/* What the first process is given; its argument strings tell which of them are there. */
#define HANDLE_FIRST_POWER 260
#define HANDLE_FIRST_LOG 261
#define HANDLE_FIRST_DEVICE 262
#define HANDLE_FIRST_INTERRUPT 263

/* Kinds of message that SYS_RECEIVE reports in a0. */
#define MESSAGE_CALL 0      /* a client waits for a reply */
#define MESSAGE_CLOSED 1    /* the last handle of the session with this badge is gone */
#define MESSAGE_INTERRUPT 2 /* the interrupt bound with this badge has fired */

/* Flags of SYS_CALL (bits 32.. of a0) and of SYS_REPLY, SYS_REPLY_RECEIVE (bits 32.. of a6) */
#define MESSAGE_HANDLE 1 /* word 3 is a handle of the sender, given away to the receiver */

/* Flag of SYS_MESSAGE_READ and _WRITE (a5), SYS_REPLY and SYS_REPLY_RECEIVE (bits 32.. of a6):
 * whole pages that begin at the start of a page on both sides are shared copy-on-write in the place
 * of what was there, not copied. Nobody can tell the difference but by counting frames. */
#define MESSAGE_SHARE 2

/* More data than this does not move in one stay in the kernel: a reply with more is EMSGSIZE, and
 * SYS_MESSAGE_READ and _WRITE tell how far they came. */
#define MESSAGE_COPY_MAX 0x100000 /* bytes */

/* ---- Signals that a process can end by: status & 127 (POSIX wait status). Linux's numbers ---- */
#define SIGNAL_ILLEGAL 4
#define SIGNAL_TRAP 5
#define SIGNAL_ABORT 6
#define SIGNAL_BUS 7
#define SIGNAL_KILL 9
#define SIGNAL_SEGV 11
#define SIGNAL_MAX 31

/* SYS_WAIT options */
#define WAIT_NO_HANG 1

/* States in struct process_info */
#define PROCESS_READY 0
#define PROCESS_RUNNING 1
#define PROCESS_WAITING 2 /* for a child, a message, a reply, a futex or the clock */
#define PROCESS_ENDED 3   /* not yet waited for */

/* Kinds of region in struct region_info */
#define REGION_PRIVATE 0
#define REGION_SHARED 1
#define REGION_DEVICE 2
#define REGION_GUARD 3

/* Page flags in struct page_info */
#define PAGE_RESIDENT 1
#define PAGE_WRITABLE 2
#define PAGE_COW 4  /* marked COW: private, not writable now, but its region is */
#define PAGE_ZERO 8 /* maps the one shared zero frame */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Argument block: what exec places at the top of the new stack (a0 = its address, a1 = its
 * size in bytes at entry). The kernel copies it and looks at nothing in it but the first
 * string, which names the process. `argc` strings, then `envc` strings, each ended by 0. */
struct argument_block {
    uint32_t argc;
    uint32_t envc;
    char strings[];
};
#define ARGUMENT_BLOCK_MAX 131072 /* bytes */

struct memory_info {
    uint64_t frames_total; /* all RAM that the device tree tells */
    uint64_t frames_free;
    uint64_t frames_kernel;     /* image, boot data, page tables, kernel objects */
    uint64_t page_table_frames; /* part of frames_kernel */
    uint64_t faults;            /* page faults from user mode */
    uint64_t zero_maps;         /* read of an untouched page: the zero frame mapped */
    uint64_t zero_fills;        /* write of an untouched or zero page: a zeroed frame */
    uint64_t copies;            /* write of a page marked COW that others map: copied */
    uint64_t reuses;            /* write of a page marked COW by its last owner: reused */
    uint64_t spurious;          /* the page table already allowed it */
    uint64_t refused;           /* no region, no right, or out of memory */
};

struct hart_info {
    uint32_t id;               /* as the device tree numbers it */
    uint32_t started;          /* 0: it was not there, or did not start */
    uint64_t nanoseconds;      /* since it came up */
    uint64_t busy_nanoseconds; /* of them, with a thread on it */
    uint64_t stolen;           /* threads that it took from other harts' queues */
    uint64_t longest_stay; /* nanoseconds in the kernel at once, since last asked; debug builds */
    uint64_t longest_call; /* what it was: a system call's number, or STAY_* */
};

#define STAY_FAULT 256 /* + the cause */
#define STAY_INTERRUPT 512

#define PROCESS_NAME_MAX 16 /* bytes, the ending 0 included */
struct process_info {
    int32_t pid;
    int32_t parent;
    uint32_t state; /* PROCESS_* */
    uint32_t threads;
    uint32_t hart;        /* where it ran last */
    uint32_t handles;     /* open handles */
    uint64_t pages;       /* resident pages, shared ones included */
    uint64_t nanoseconds; /* time on a hart */
    char name[PROCESS_NAME_MAX];
};

struct region_info {
    uint64_t start;  /* first byte */
    uint64_t end;    /* first byte after */
    uint32_t rights; /* MAP_READ | MAP_WRITE | MAP_EXEC */
    uint32_t kind;   /* REGION_* */
};

struct page_info {
    uint32_t flags; /* PAGE_* */
    uint32_t count; /* the frame's count; 0 when not resident or not counted (devices) */
};
#endif
