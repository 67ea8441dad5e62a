/* The machine under tests in the kernel: accesses as user code would make them, by walking the
 * page table and asking the resolver. See tests/machine.h. */
#include "tests/machine.h"

#include "mm/pmm.h"

#define FAULTS_MAX 4 /* for one access: absent, then shared, then stale */
#define ELOOP_ERROR 92

static struct aspace *running[FAKE_HARTS];

void machine_reset(void) {}

void hart_run(int hart, struct aspace *as) { running[hart] = as; }

static bool translate(struct aspace *as, vaddr_t va, enum access access, paddr_t *address) {
    pte_t *entry = va < USER_END ? pt_find(&as->pt, va) : NULL;
    pte_t needed = PTE_VALID | PTE_USER | (access == ACCESS_WRITE ? PTE_WRITE : PTE_READ);
    if (!entry || (pte_load(entry) & needed) != needed)
        return false;
    *address = pte_frame(pte_load(entry)) | (va & PAGE_MASK);
    return true;
}

static int hart_access(int hart, vaddr_t va, enum access access, paddr_t *address) {
    for (int faults = 0; faults <= FAULTS_MAX; faults++) {
        if (translate(running[hart], va, access, address))
            return 0;
        int error = vm_fault(running[hart], va, access);
        if (error)
            return error;
    }
    return -ELOOP_ERROR;
}

int hart_load(int hart, vaddr_t va, unsigned char *value) {
    paddr_t address;
    int error = hart_access(hart, va, ACCESS_READ, &address);
    if (!error)
        *value = *(unsigned char *)frame_address(address);
    return error;
}

int hart_store(int hart, vaddr_t va, unsigned char value) {
    paddr_t address;
    int error = hart_access(hart, va, ACCESS_WRITE, &address);
    if (!error)
        *(unsigned char *)frame_address(address) = value;
    return error;
}
