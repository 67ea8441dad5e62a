# mm/fault.c reuse_and_fork: whether this is the last owner is asked without the lock
/^int vm_fault(/,/^}/{
s/^    aspace_lock(as);$/    pte_t *early = pt_find(\&as->pt, va);\
    bool sole = early \&\& pte_present(*early) \&\& frame_count(pte_frame(*early)) == 1;\
&/
s/^    int error = fault_handle.*$/    if (sole \&\& access == ACCESS_WRITE)\
        pte_store(early, pte_make(pte_frame(*early), pte_flags(aspace_find(as, va)->rights)));\
&/
}
