/* Calls to the firmware. One ecall, and a function for each use. */
#include "arch/riscv/sbi.h"

#include <stdatomic.h>

#include "arch/riscv/csr.h"
#include "lib/errno.h"
#include "lib/print.h"

#define SBI_LEGACY_PUTCHAR 1
#define SBI_BASE 0x10
#define SBI_BASE_PROBE 3
#define SBI_DEBUG_CONSOLE 0x4442434e
#define SBI_HART 0x48534d
#define SBI_INTERRUPT 0x735049
#define SBI_REMOTE_FENCE 0x52464e43
#define SBI_REMOTE_FENCE_TEXT 0
#define SBI_REMOTE_FENCE_VMA 1
#define SBI_TIMER 0x54494d45
#define SBI_SYSTEM_RESET 0x53525354

struct sbi_result {
    long error;
    long value;
};

static struct sbi_result sbi_call(unsigned long extension, unsigned long function, uint64_t x,
                                  uint64_t y, uint64_t z, uint64_t w) {
    register uint64_t a0 __asm__("a0") = x;
    register uint64_t a1 __asm__("a1") = y;
    register uint64_t a2 __asm__("a2") = z;
    register uint64_t a3 __asm__("a3") = w;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a6), "r"(a7) : "memory");
    return (struct sbi_result){(long)a0, (long)a1};
}

static bool sbi_has_debug_console(void) {
    static int known = -1;
    if (known < 0)
        known = sbi_call(SBI_BASE, SBI_BASE_PROBE, SBI_DEBUG_CONSOLE, 0, 0, 0).value != 0;
    return known;
}

/* One hart writes at a time. A hart that was stopped for good while it wrote (another one panics)
 * must not keep the others from telling why: they wait for so many looks, and no longer. */
#define LOOKS_MAX 10000000
static atomic_flag console_busy = ATOMIC_FLAG_INIT;

static void console_lock(void) {
    for (int i = 0; i < LOOKS_MAX; i++)
        if (!atomic_flag_test_and_set_explicit(&console_busy, memory_order_acquire))
            return;
}

static void console_unlock(void) {
    atomic_flag_clear_explicit(&console_busy, memory_order_release);
}

/* The firmware may take a part, and says how much. Physical addresses: the kernel's memory lies in
 * the one direct map. */
static void debug_console_write(const char *bytes, size_t nbytes) {
    while (nbytes > 0) {
        struct sbi_result result =
            sbi_call(SBI_DEBUG_CONSOLE, 0, nbytes, (uintptr_t)bytes - KERNEL_OFFSET, 0, 0);
        if (result.error)
            return;
        bytes += result.value;
        nbytes -= (size_t)result.value;
    }
}

void sbi_console_write(const char *bytes, size_t nbytes) {
    console_lock();
    if (sbi_has_debug_console())
        debug_console_write(bytes, nbytes);
    else
        for (size_t i = 0; i < nbytes; i++)
            sbi_call(SBI_LEGACY_PUTCHAR, 0, (unsigned char)bytes[i], 0, 0, 0);
    console_unlock();
}

void sbi_set_timer(uint64_t deadline) { sbi_call(SBI_TIMER, 0, deadline, 0, 0, 0); }

int sbi_hart_start(uint32_t id, paddr_t entry, uint64_t argument) {
    return sbi_call(SBI_HART, 0, id, entry, argument, 0).error == 0 ? 0 : -ENODEV;
}

/* A hart mask is its lowest bit's id and 64 bits: one bit names any hart. */
void sbi_send_interrupt(uint32_t id) { sbi_call(SBI_INTERRUPT, 0, 1, id, 0, 0); }

void sbi_remote_fence(uint32_t id, vaddr_t start, uint64_t nbytes) {
    sbi_call(SBI_REMOTE_FENCE, SBI_REMOTE_FENCE_VMA, 1, id, start, nbytes);
}

void sbi_remote_fence_text(uint32_t id) {
    sbi_call(SBI_REMOTE_FENCE, SBI_REMOTE_FENCE_TEXT, 1, id, 0, 0);
}

_Noreturn void sbi_shutdown(void) {
    sbi_call(SBI_SYSTEM_RESET, 0, 0, 0, 0, 0);
    for (;;)
        __asm__ volatile("wfi");
}

void console_write(const char *bytes, size_t nbytes) { sbi_console_write(bytes, nbytes); }
