/* Tests in the kernel and on the build machine: each on a fresh machine, then the audit, then the
 * ledger of frames. */
#include "lib/print.h"
#include "mm/audit.h"
#include "mm/pmm.h"
#include "tests/check.h"
#include "tests/machine.h"

#define FAULTS_MAX 4 /* for one access: absent, then shared, then stale */
#define ELOOP_ERROR 92

/* User code: translate, fault, try again. */
static int hart_access(int hart, vaddr_t va, enum access access, paddr_t *address) {
    for (int faults = 0; faults <= FAULTS_MAX; faults++) {
        if (hart_translate(hart, va, access, address))
            return 0;
        int error = vm_fault(hart_space(hart), va, access);
        if (error)
            return error;
    }
    print("  %d faults for one access to %#lx, and the entry still does not allow it\n",
          FAULTS_MAX + 1, (unsigned long)va);
    return -ELOOP_ERROR;
}

int hart_load(int hart, vaddr_t va, unsigned char *value) {
    paddr_t address;
    machine_note("hart %d loads at %#lx in %s", hart, (unsigned long)va,
                 space_name(hart_space(hart)));
    int error = hart_access(hart, va, ACCESS_READ, &address);
    if (!error)
        *value = *(unsigned char *)frame_address(address);
    return error;
}

int hart_store(int hart, vaddr_t va, unsigned char value) {
    paddr_t address;
    machine_note("hart %d stores %u at %#lx in %s", hart, value, (unsigned long)va,
                 space_name(hart_space(hart)));
    int error = hart_access(hart, va, ACCESS_WRITE, &address);
    if (!error)
        *(unsigned char *)frame_address(address) = value;
    return error;
}

int check_one(const struct test *test) {
    check_failures = 0;
    machine_reset();
    size_t before = frame_free_count();
    test->run();
    CHECK_EQUAL(0, audit_run());
    CHECK_EQUAL(before, frame_free_count());
    return check_failures;
}
