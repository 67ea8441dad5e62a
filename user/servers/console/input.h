/* Input that waits for readers, and readers that wait for input.
 *
 * There are two sources, and a console has one of them. The terminal's is lines: a read takes one
 * at most, and a line without bytes is the end of the file, once. The transparent one is bytes as
 * they come, with one end. */
#pragma once

#include "lib/types.h"
#include "user/servers/server.h"

/* One more line, for readers that wait or will come. Without memory there is room for one more, so
 * that a command that ends a process gets through. returns: whether it was taken */
bool input_line(const char *bytes, size_t nbytes);

/* Forget all lines that nobody has read. */
void input_forget(void);

/* One more byte. needs: input_room() > 0 */
void input_byte(char byte);
size_t input_room(void);

/* No byte will come any more. */
void input_end(void);

/* Give readers what there is. Who is gone takes nothing. */
void input_serve(void);

/* A read: it is answered now or later. returns: SERVER_LATER, -ENOMEM */
long input_read(const struct request *request, size_t want);

/* Tell all who wait that they wait for nothing: -EINTR. */
void input_interrupt(void);

bool input_is_awaited(void);
bool input_has_lines(void);

/* Before all others. returns: 0 or -ENOMEM */
must_check int input_init(void);
