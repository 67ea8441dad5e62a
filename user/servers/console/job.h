/* The foreground job: the processes that Ctrl-C ends. The shell gives their handles.
 *
 * Who reads from another has the higher place and ends first: none sees another's end. */
#pragma once

#include "lib/types.h"

#define JOB_PROCESSES_MAX 64 /* a pipeline has half as many at most */

/* The process joins the job. It ends at once if Ctrl-C was for it and came before.
 * returns: 0: the handle is the job's; -EBADF: it is no process; -ENOMEM */
must_check int job_add(int process, long place);

/* Ctrl-C: end all of them, and those that still join. */
void job_interrupt(void);

bool job_exists(void);

/* There is no job any more. returns: whether Ctrl-C has come since the last such call */
bool job_end(void);

/* Whether Ctrl-C came while there was no job, and nobody has heard of it yet; now it is heard. */
bool job_interrupt_take(void);
