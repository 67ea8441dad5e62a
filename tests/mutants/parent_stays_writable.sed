# a shared page is read-only on both sides
s/if (pte_writable(entry)) {/if (false) {/
