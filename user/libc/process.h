/* What threads and processes share. */
#pragma once

/* Fork, as the system does it: no lock of the library's is looked at.
 * returns: as sys_fork */
long byre_fork(void);
