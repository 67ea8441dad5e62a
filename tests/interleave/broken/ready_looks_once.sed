# proc/sched.c wake_and_spin: who makes a thread ready looks for an idle hart only before
/^void sched_ready/,/^}/s/^    if (!stays && !idle) {$/    if (false) {/
