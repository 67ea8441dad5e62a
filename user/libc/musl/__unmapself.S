/* The end of a detached thread: __unmapself(address, bytes) gives its stack back, and from then on
 * has registers alone. The kernel clears the word that THREAD_EXIT names and wakes who waits for
 * it: musl's lock around the list of threads, which the thread holds. */
#include "lib/abi.h"

    .global __unmapself
    .type __unmapself, %function
__unmapself:
    la s0, __thread_list_lock
    li t0, SYS_UNMAP
    ecall
    mv a0, s0
    li t0, SYS_THREAD_EXIT
    ecall
