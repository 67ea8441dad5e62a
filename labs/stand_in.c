/* Stands behind the seam while the judge is built, before there is a file to judge. */
#include "mm/cow.h"

#include "lib/errno.h"

int cow_share(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
              size_t npages) {
    (void)from, (void)from_va, (void)to, (void)to_va, (void)npages;
    return -ENOMEM;
}

int cow_resolve(struct aspace *as, vaddr_t va) {
    (void)as, (void)va;
    return -ENOMEM;
}
