s/^        pt_fence_later(.*$/        (void)0;/
