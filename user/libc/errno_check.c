/* Proves that the kernel's error numbers are the C library's: the preprocessor complains of a
 * redefinition that differs. */
#include <errno.h>

#include "lib/errno.h"
