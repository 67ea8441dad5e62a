# a range may be longer than 2 GiB
s/from_va + npages \* PAGE_SIZE;/from_va + (uint64_t)(int32_t)(npages * PAGE_SIZE);/
