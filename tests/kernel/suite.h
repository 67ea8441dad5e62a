/* The test kernel's suites: the same tests as on the build machine, over the real page tables. */
#pragma once

/* Run them and print the verdict. => exit status */
int suite_run(void);
