/* The machine under tests in the kernel: accesses as user code would make them, by walking the
 * page table and asking the page fault handler. See tests/machine.h. */
#include "tests/machine.h"

#include "mm/pmm.h"

static struct aspace *running[FAKE_HARTS];

void machine_reset(void) {}
void machine_note(const char *format, ...) { (void)format; }

const char *space_name(const struct aspace *as) {
    (void)as;
    return "";
}

struct aspace *hart_space(int hart) {
    return running[hart];
}

void hart_run(int hart, struct aspace *as) { running[hart] = as; }

bool hart_translate(int hart, vaddr_t va, enum access access, paddr_t *address) {
    struct aspace *as = running[hart];
    pte_t *entry = va < USER_END ? pt_find(&as->pt, va) : NULL;
    pte_t needed = PTE_VALID | PTE_USER | (access == ACCESS_WRITE ? PTE_WRITE : PTE_READ);
    if (!entry || (pte_load(entry) & needed) != needed)
        return false;
    *address = pte_frame(pte_load(entry)) | (va & PAGE_MASK);
    return true;
}
