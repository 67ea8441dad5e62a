/* The line editor: keys become lines.
 *
 * It holds the line that is being typed and shows it on the screen, below all output. It knows
 * nothing of readers and processes: it only tells what a key has come to. */
#pragma once

#include "lib/types.h"

#define EDITOR_LINE_MAX 1024 /* bytes of a line, its newline included */

enum edit_event {
    EDIT_GOES_ON,
    EDIT_LINE,      /* Enter: the line is complete (editor_line) */
    EDIT_TOO_LONG,  /* Enter, and the line has more bytes than there is room for: it is dropped */
    EDIT_INTERRUPT, /* Ctrl-C: the line is abandoned */
    EDIT_END,       /* Ctrl-D on an empty line: the end of the file */
};

/* One byte from the keyboard. */
enum edit_event editor_key(char byte);

/* The line that has just been completed, with its newline: until the next key. */
const char *editor_line(size_t *nbytes);

/* Show what programs print, above the line that is being typed. */
void editor_output(const char *bytes, size_t nbytes);
