/* Memory that is there before it is touched, for programs that may not end for want of it. */
#pragma once

/* Make all data and heap of this program, and MEMORY_STACK bytes of its stack, present and its own.
 * From now on its heap grows by pages that are there: no memory is a NULL of malloc, and no longer
 * the end of the program at its next store. A fork returns to it with its pages its own again,
 * where need be once the child has ended or called exec: in the child all is as in any program.
 * Mappings stay the program's own business (sys_fill). One thread only.
 * returns: 0; -ENOMEM: nothing changed */
long memory_fill(void);

#define MEMORY_STACK 16384
