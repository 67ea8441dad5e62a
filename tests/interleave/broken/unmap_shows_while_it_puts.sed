# mm/aspace.c fault_and_unmap: unmap puts a frame while its entry is there
s/^        pte_store(&entries\[i\], pte_load(&entries\[i\]) & ~PTE_VALID);$/        (void)entries[i];/
