/* System calls as C functions: docs/syscalls.md says what each does and returns. A result below 0
 * is a negated errno. Each is a few instructions in line: the number goes in t0, the arguments in
 * a0..a7, and what a function call does not keep is not kept here either. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/abi.h"

#define SYSCALL_CLOBBERS "t1", "t2", "t3", "t4", "t5", "t6", "memory"

/* A call with up to four arguments. a4..a7 are named as outputs because they do not survive. */
static inline long syscall4(long number, long x, long y, long z, long w) {
    register long t0 __asm__("t0") = number;
    register long a0 __asm__("a0") = x;
    register long a1 __asm__("a1") = y;
    register long a2 __asm__("a2") = z;
    register long a3 __asm__("a3") = w;
    __asm__ volatile("ecall"
                     : "+r"(t0), "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3)
                     :
                     : "a4", "a5", "a6", "a7", SYSCALL_CLOBBERS);
    return a0;
}

/* A call that uses all eight argument registers, for arguments and results. */
static inline void syscall8(long number, long a[8]) {
    register long t0 __asm__("t0") = number;
    register long a0 __asm__("a0") = a[0];
    register long a1 __asm__("a1") = a[1];
    register long a2 __asm__("a2") = a[2];
    register long a3 __asm__("a3") = a[3];
    register long a4 __asm__("a4") = a[4];
    register long a5 __asm__("a5") = a[5];
    register long a6 __asm__("a6") = a[6];
    register long a7 __asm__("a7") = a[7];
    __asm__ volatile("ecall"
                     : "+r"(t0), "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5),
                       "+r"(a6), "+r"(a7)
                     :
                     : SYSCALL_CLOBBERS);
    a[0] = a0, a[1] = a1, a[2] = a2, a[3] = a3, a[4] = a4, a[5] = a5, a[6] = a6, a[7] = a7;
}

/* ---- Messages: docs/messages.md ---- */

struct message {
    long word[4];
    uint32_t flags; /* MESSAGE_HANDLE: word 3 is a handle of ours now */
    uint64_t badge;
    uint64_t token;
    size_t out_bytes; /* of the client's out buffer; copied when they fit into ours */
    size_t in_bytes;
};

/* => 0, or MESSAGE_HANDLE << 32 when word 3 of the reply is a handle, or -errno
 * => words: in, the call's; out, the reply's */
static inline long sys_call(int session, long words[4], const void *out, size_t out_bytes, void *in,
                            size_t in_bytes, unsigned flags) {
    long a[8] = {(long)(uint32_t)session | (long)flags << 32,
                 words[0],
                 words[1],
                 words[2],
                 words[3],
                 (long)out,
                 (long)in,
                 (long)(uint32_t)out_bytes | (long)in_bytes << 32};
    syscall8(SYS_CALL, a);
    words[0] = a[1], words[1] = a[2], words[2] = a[3], words[3] = a[4];
    return a[0];
}

static inline long message_taken(const long a[8], struct message *message) {
    *message = (struct message){.word = {a[1], a[2], a[3], a[4]},
                                .flags = a[0] < 0 ? 0 : (uint32_t)(a[0] >> 32),
                                .badge = (uint64_t)a[5],
                                .token = (uint64_t)a[6],
                                .out_bytes = (uint32_t)a[7],
                                .in_bytes = (uint64_t)a[7] >> 32};
    return a[0] < 0 ? a[0] : (long)(uint32_t)a[0];
}

/* => MESSAGE_* or -errno */
static inline long sys_receive(int port, void *buffer, size_t nbytes, struct message *message) {
    long a[8] = {port, (long)buffer, (long)nbytes};
    syscall8(SYS_RECEIVE, a);
    return message_taken(a, message);
}

/* => port: that the call was received from */
static inline long sys_reply(uint64_t token, const long words[4], const void *data, size_t nbytes,
                             unsigned flags, int port) {
    long a[8] = {(long)token,
                 words[0],
                 words[1],
                 words[2],
                 words[3],
                 (long)data,
                 (long)(uint32_t)nbytes | (long)flags << 32,
                 port};
    syscall8(SYS_REPLY, a);
    return a[0];
}

static inline long sys_reply_receive(uint64_t token, const long words[4], const void *data,
                                     size_t nbytes, unsigned flags, int port,
                                     struct message *message) {
    long a[8] = {(long)token,
                 words[0],
                 words[1],
                 words[2],
                 words[3],
                 (long)data,
                 (long)(uint32_t)nbytes | (long)flags << 32,
                 port};
    syscall8(SYS_REPLY_RECEIVE, a);
    return message_taken(a, message);
}

/* The kernel moves MESSAGE_COPY_MAX bytes at a time; the result is that of all parts. */
static inline long message_move(long number, uint64_t token, size_t offset, uintptr_t own,
                                size_t nbytes, int port, unsigned flags) {
    long done = 0, part;
    do {
        long a[8] = {(long)token, (long)offset + done, (long)own + done, (long)nbytes - done,
                     port,        (long)flags};
        syscall8(number, a);
        part = a[0];
        done += part;
    } while (part == MESSAGE_COPY_MAX);
    return part < 0 ? part : done;
}

static inline long sys_message_read(uint64_t token, size_t offset, void *to, size_t nbytes,
                                    int port, unsigned flags) {
    return message_move(SYS_MESSAGE_READ, token, offset, (uintptr_t)to, nbytes, port, flags);
}

static inline long sys_message_write(uint64_t token, size_t offset, const void *from, size_t nbytes,
                                     int port, unsigned flags) {
    return message_move(SYS_MESSAGE_WRITE, token, offset, (uintptr_t)from, nbytes, port, flags);
}

static inline long sys_port_create(void) { return syscall4(SYS_PORT_CREATE, 0, 0, 0, 0); }

static inline long sys_session_create(int port, uint64_t badge) {
    return syscall4(SYS_SESSION_CREATE, port, (long)badge, 0, 0);
}

/* ---- Handles ---- */

static inline long sys_handle_close(int handle) {
    return syscall4(SYS_HANDLE_CLOSE, handle, 0, 0, 0);
}

static inline long sys_handle_dup(int handle, int number, int flags) {
    return syscall4(SYS_HANDLE_DUP, handle, number, flags, 0);
}

static inline long sys_handle_flags(int handle, int flags) {
    return syscall4(SYS_HANDLE_FLAGS, handle, flags, 0, 0);
}

/* ---- Processes and time ---- */

static inline _Noreturn void sys_exit(int status) {
    syscall4(SYS_EXIT, status, 0, 0, 0);
    __builtin_unreachable();
}

static inline long sys_fork(void) { return syscall4(SYS_FORK, 0, 0, 0, 0); }

static inline long sys_exec(const void *image, size_t nbytes, const void *arguments,
                            size_t argument_bytes) {
    return syscall4(SYS_EXEC, (long)image, (long)nbytes, (long)arguments, (long)argument_bytes);
}

static inline long sys_wait(int pid, int *status, int options) {
    return syscall4(SYS_WAIT, pid, (long)status, options, 0);
}

static inline long sys_kill(int pid, int signal) { return syscall4(SYS_KILL, pid, signal, 0, 0); }
static inline long sys_getpid(void) { return syscall4(SYS_GETPID, 0, 0, 0, 0); }
static inline long sys_getppid(void) { return syscall4(SYS_GETPPID, 0, 0, 0, 0); }
static inline long sys_sleep(uint64_t ns) { return syscall4(SYS_SLEEP, (long)ns, 0, 0, 0); }
static inline long sys_clock(void) { return syscall4(SYS_CLOCK, 0, 0, 0, 0); }
static inline long sys_yield(void) { return syscall4(SYS_YIELD, 0, 0, 0, 0); }

static inline long sys_adopt(int adopts) { return syscall4(SYS_ADOPT, adopts, 0, 0, 0); }

static inline long sys_process_open(int pid) { return syscall4(SYS_PROCESS_OPEN, pid, 0, 0, 0); }

static inline long sys_process_kill(int process, int signal) {
    return syscall4(SYS_PROCESS_KILL, process, signal, 0, 0);
}

/* ---- Threads ---- */

/* => the new thread's id: it begins at `entry`, with the argument in a0, its id in a1, this tp */
static inline long sys_thread_create(void (*entry)(void *), void *stack_top, void *argument,
                                     void *tp) {
    return syscall4(SYS_THREAD_CREATE, (long)entry, (long)stack_top, (long)argument, (long)tp);
}

/* => the id of the calling thread */
static inline long sys_thread_id(void) { return syscall4(SYS_THREAD_ID, 0, 0, 0, 0); }

/* *word becomes 0 and is woken when nothing of the thread needs its stack any more. */
static inline _Noreturn void sys_thread_exit(uint32_t *word) {
    syscall4(SYS_THREAD_EXIT, (long)word, 0, 0, 0);
    __builtin_unreachable();
}

#define SYS_FOREVER UINT64_MAX

static inline long sys_futex_wait(const uint32_t *word, uint32_t expected, uint64_t nanoseconds) {
    return syscall4(SYS_FUTEX_WAIT, (long)word, (long)expected, (long)nanoseconds, 0);
}

static inline long sys_futex_wake(const uint32_t *word, size_t n) {
    return syscall4(SYS_FUTEX_WAKE, (long)word, (long)n, 0, 0);
}

/* ---- Memory ---- */

/* Of shared memory the kernel makes MAP_SHARE_MAX bytes at a time. */
static inline long map_rest(uintptr_t address, size_t nbytes, unsigned rights_and_flags) {
    for (size_t done = MAP_SHARE_MAX; done < nbytes; done += MAP_SHARE_MAX) {
        long result = syscall4(SYS_MAP, (long)(address + done), (long)(nbytes - done),
                               (long)(rights_and_flags | MAP_AT | MAP_RESERVED), 0);
        if (result < 0) {
            (void)syscall4(SYS_UNMAP, (long)address, (long)nbytes, 0, 0);
            return result;
        }
    }
    return (long)address;
}

static inline long sys_map(uintptr_t address, size_t nbytes, unsigned rights_and_flags) {
    long result = syscall4(SYS_MAP, (long)address, (long)nbytes, (long)rights_and_flags, 0);
    if (result < 0 || !(rights_and_flags & MAP_SHARE))
        return result;
    return map_rest((uintptr_t)result, nbytes, rights_and_flags);
}

static inline long sys_unmap(uintptr_t address, size_t nbytes) {
    return syscall4(SYS_UNMAP, (long)address, (long)nbytes, 0, 0);
}

static inline long sys_protect(uintptr_t address, size_t nbytes, unsigned rights) {
    return syscall4(SYS_PROTECT, (long)address, (long)nbytes, (long)rights, 0);
}

static inline long sys_brk(uintptr_t end) { return syscall4(SYS_BRK, (long)end, 0, 0, 0); }

static inline long sys_fill(uintptr_t address, size_t nbytes) {
    long part;
    do {
        part = syscall4(SYS_FILL, (long)address, (long)nbytes, 0, 0);
        if (part < 0)
            return part;
        address += (size_t)part;
        nbytes -= (size_t)part;
    } while (nbytes > 0);
    return 0;
}

static inline long sys_discard(uintptr_t address, size_t nbytes) {
    return syscall4(SYS_DISCARD, (long)address, (long)nbytes, 0, 0);
}

/* ---- Devices, log, power ---- */

static inline long sys_interrupt_bind(int interrupt, int port, uint64_t badge) {
    return syscall4(SYS_INTERRUPT_BIND, interrupt, port, (long)badge, 0);
}

static inline long sys_interrupt_done(int interrupt) {
    return syscall4(SYS_INTERRUPT_DONE, interrupt, 0, 0, 0);
}

/* => the address of the registers, and their length in *nbytes */
static inline long sys_device_map(int device, size_t *nbytes) {
    long a[8] = {device};
    syscall8(SYS_DEVICE_MAP, a);
    *nbytes = (size_t)a[1];
    return a[0];
}

static inline long sys_log(int log, const void *bytes, size_t nbytes) {
    size_t done = 0;
    do {
        long part = syscall4(SYS_LOG, log, (long)bytes + (long)done, (long)(nbytes - done), 0);
        if (part < 0)
            return part;
        done += (size_t)part;
    } while (done < nbytes);
    return (long)done;
}

static inline long sys_power_off(int power, int status) {
    return syscall4(SYS_POWER_OFF, power, status, 0, 0);
}

/* ---- Introspection ---- */

static inline long sys_memory_info(struct memory_info *info) {
    return syscall4(SYS_MEMORY_INFO, (long)info, 0, 0, 0);
}

static inline long sys_process_info(int least_pid, struct process_info *info) {
    return syscall4(SYS_PROCESS_INFO, least_pid, (long)info, 0, 0);
}

static inline long sys_region_info(int pid, uintptr_t address, struct region_info *info) {
    return syscall4(SYS_REGION_INFO, pid, (long)address, (long)info, 0);
}

static inline long sys_page_info(int pid, uintptr_t address, struct page_info *pages, size_t n) {
    size_t done = 0;
    do {
        long part = syscall4(SYS_PAGE_INFO, pid, (long)(address + done * USER_PAGE_SIZE),
                             (long)(pages + done), (long)(n - done));
        if (part < 0)
            return part;
        done += (size_t)part;
    } while (done < n);
    return (long)done;
}

static inline long sys_hart_info(unsigned index, struct hart_info *info) {
    return syscall4(SYS_HART_INFO, index, (long)info, 0, 0);
}

static inline long sys_audit(void) { return syscall4(SYS_AUDIT, 0, 0, 0, 0); }
