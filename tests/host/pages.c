/* Helpers that look at single pages: tests/host/pages.h. */
#include "tests/host/pages.h"

#include "lib/print.h"
#include "lib/string.h"
#include "mm/cow.h"
#include "mm/pmm.h"

int share_pages_of(struct aspace *from, vaddr_t from_va, struct aspace *to, vaddr_t to_va,
                   size_t npages) {
    machine_note("cow_share %zu pages from %#lx in %s to %#lx in %s", npages,
                 (unsigned long)from_va, space_name(from), (unsigned long)to_va, space_name(to));
    aspace_lock_two(from, to);
    region_add_resident(aspace_find(to, to_va), (struct range){to_va, to_va + npages * PAGE_SIZE});
    int error = cow_share(from, from_va, to, to_va, npages);
    pt_fence_flush(&from->pt);
    aspace_unlock_two(from, to);
    machine_settled();
    return error;
}

struct aspace *space_at(vaddr_t start, uint64_t nbytes, uint32_t rights) {
    struct aspace *as;
    CHECK_ERROR(0, aspace_create(&as));
    aspace_lock(as);
    CHECK_ERROR(0, aspace_map(as, start, nbytes, rights, REGION_KIND_PRIVATE));
    aspace_unlock(as);
    return as;
}

pte_t entry_of(struct aspace *as, vaddr_t va) { return machine_walk(as, va); }

void print_entry(const char *label, pte_t entry) {
    if (!pte_present(entry)) {
        print("    %s: absent\n", label);
        return;
    }
    print("    %s: %s%s%s%s, frame %#lx with a count of %u\n", label,
          entry & PTE_READ ? "readable" : "not readable", entry & PTE_WRITE ? ", writable" : "",
          entry & PTE_EXECUTE ? ", executable" : "", pte_cow(entry) ? ", COW" : "",
          (unsigned long)pte_frame(entry), frame_count(pte_frame(entry)));
}

static unsigned char pattern(unsigned value, size_t i) {
    return (unsigned char)(1 + (value * 37 + i + i / 256 * 3) % 255);
}

void page_fill(struct aspace *as, vaddr_t va, unsigned value) {
    static unsigned char bytes[PAGE_SIZE];
    for (size_t i = 0; i < PAGE_SIZE; i++)
        bytes[i] = pattern(value, i);
    store(as, va, 0);
    memcpy(frame_address(pte_frame(entry_of(as, va))), bytes, PAGE_SIZE);
}

void page_expect(struct aspace *as, vaddr_t va, unsigned value) {
    (void)load(as, va);
    pte_t entry = entry_of(as, va);
    if (!pte_present(entry))
        return; /* load has complained */
    const unsigned char *bytes = frame_address(pte_frame(entry));
    for (size_t i = 0; i < PAGE_SIZE; i++)
        if (bytes[i] != pattern(value, i)) {
            print("  %s, page %#lx: byte %zu is %u, not %u\n", space_name(as), (unsigned long)va, i,
                  bytes[i], pattern(value, i));
            print_entry("its entry", entry);
            check_failures++;
            return;
        }
}

void expect_absent(struct aspace *as, vaddr_t va) {
    if (!pte_present(entry_of(as, va)))
        return;
    print("  %s, page %#lx: nobody has touched it, and it is not absent\n", space_name(as),
          (unsigned long)va);
    print_entry("its entry", entry_of(as, va));
    check_failures++;
}

void expect_rights(struct aspace *as, vaddr_t va, uint32_t rights) {
    pte_t entry = entry_of(as, va);
    if (pte_present(entry) && (entry & PTE_RIGHTS) == pte_rights(rights))
        return;
    print("  %s, page %#lx: its rights are wrong\n", space_name(as), (unsigned long)va);
    print_entry("found", entry);
    print("    expected: %s%s%s\n", rights & MAP_READ ? "readable" : "nothing",
          rights & MAP_WRITE ? ", writable" : "", rights & MAP_EXEC ? ", executable" : "");
    check_failures++;
}
