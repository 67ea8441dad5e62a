/* The one set of counters: see mm/counters.h. */
#include "mm/counters.h"

struct vm_counters vm_counters;
