/* Memory that lives as long as a command, and where commands come from. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/programs/sh/sh.h"

#define ROOM_OWN 16384 /* bytes that are there without malloc */
#define TEXT_LEAST 32

union block {
    union block *next;
    max_align_t align;
};

static _Alignas(max_align_t) char room_own[ROOM_OWN];
static size_t room_used;
static union block *room_more; /* of malloc, for what did not fit; the newest first */

struct place *failed;
struct source *source;

_Noreturn void fail(int with_status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "sh: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    status = with_status;
    place_return(failed);
}

void *room_take(size_t nbytes) {
    size_t whole = (nbytes + sizeof(union block) - 1) / sizeof(union block) * sizeof(union block);
    if (whole <= ROOM_OWN - room_used) {
        room_used += whole;
        return memset(room_own + room_used - whole, 0, whole);
    }
    union block *block = calloc(1, sizeof *block + whole);
    if (!block)
        fail(2, "out of memory");
    block->next = room_more;
    room_more = block;
    return block + 1;
}

char *room_text(const char *text, size_t nbytes) {
    return memcpy(room_take(nbytes + 1), text, nbytes);
}

struct room_mark room_mark(void) {
    return (struct room_mark){room_used, room_more};
}

void room_release(struct room_mark mark) {
    room_used = mark.used;
    while (room_more != mark.more) {
        union block *block = room_more;
        room_more = block->next;
        free(block);
    }
}

void text_add(struct text *text, char byte) {
    if (text->length + 1 >= text->size) {
        text->size = text->size ? 2 * text->size : TEXT_LEAST;
        char *grown = room_take(text->size);
        if (text->length)
            memcpy(grown, text->bytes, text->length);
        text->bytes = grown;
    }
    text->bytes[text->length++] = byte;
    text->bytes[text->length] = 0;
}

void text_add_all(struct text *text, const char *bytes) {
    while (*bytes)
        text_add(text, *bytes++);
}
