# mm/aspace.c fault_and_unmap: unmap puts a frame while its entry is there
s/^            pte_store(&stretch.entries\[i\], pte_load(&stretch.entries\[i\]) & ~PTE_VALID);$/            (void)stretch.entries[i];/
