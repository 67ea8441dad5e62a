# a range may be longer than 4 GiB
s/from_va + npages \* PAGE_SIZE;/from_va + (uint32_t)(npages * PAGE_SIZE);/
