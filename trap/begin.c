/* The machine is up: start the first process, and run what is ready from then on. */
#include "trap/begin.h"

#include "lib/assert.h"
#include "proc/first.h"
#include "trap/trap.h"

void begin(const struct machine *machine) {
    if (first_start(machine) < 0)
        panic("too little RAM: no room for init");
    trap_start();
}
