/* What the rest of the library needs of signals. */
#pragma once

/* Send a signal to the calling thread. It is handled now, or when it is no longer blocked. */
void byre_signal_self(int signal);

/* A child has none of its parent's pending signals. */
void byre_signals_after_fork(void);
