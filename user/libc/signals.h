/* What the rest of the library tells the signals. */
#pragma once

/* In a new child: what waited for the parent is not the child's. */
void signals_forget_pending(void);
