/* Free frames: each hart's lists, and the global ones behind them. For mm/pmm.c alone.
 *
 * A frame that is here has a count of 0 and no owner. The chapter is docs/frames.md. */
#pragma once

#include "lib/types.h"

/* What is known of a free frame's bytes. */
enum contents {
    USED,   /* nothing (in debug builds: poison) */
    ZEROED, /* all zeros */
    CONTENTS,
};

/* All lists are empty. */
void freelist_init(void);

/* Put a free frame on this hart's lists. */
void freelist_push(paddr_t frame, enum contents contents);

/* Take a free frame off a list: of the wanted contents if there is one, else of the other.
 * returns: the frame, and *found is what it has; FRAME_NONE when memory is full */
paddr_t freelist_pop(enum contents wanted, enum contents *found);

/* Frames that nobody has used since the machine started: they come last. */
void freelist_add_fresh(paddr_t start, paddr_t end);

/* How many frames are free: on all lists, and those that idle harts zero. Exact while nobody
 * allocates or frees. */
size_t freelist_count(void);
