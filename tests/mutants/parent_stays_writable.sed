s/if (pte_writable(entry)) {/if (false) {/
