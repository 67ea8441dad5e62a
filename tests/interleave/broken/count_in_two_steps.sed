# machine_inline.h fault_and_exit: a count is read, and written back changed
s/return __atomic_fetch_add(count, .*$/int32_t before = *count; yield_point("counting"); *count = before + (int32_t)change; return before;/
s/int64_t before = __atomic_fetch_add(count, .*$/int32_t before = *count; yield_point("counting"); *count = before + (int32_t)change;/
