/* Editing, history, and the one line of the screen that they show.
 *
 * Invariants: cursor <= length < EDITOR_LINE_MAX; between two keys the screen's cursor stands at
 * `cursor`. A character is a byte that begins it and some that go on with it (UTF-8), and takes a
 * column. */
#include "user/servers/console/editor.h"

#include "drivers/uart.h"
#include "lib/string.h"
#include "user/runtime/memory.h"

#define HISTORY 32
#define CONTROL(letter) ((letter)&31)

static char line[EDITOR_LINE_MAX];
static size_t length, cursor;
static bool too_long;          /* bytes were refused */
static char *history[HISTORY]; /* newest first */
static int history_at = -1;    /* -1: a new line */
static char escape;            /* how far into an escape sequence: 0, ESC, '[', its digit, '?' */

/* ---- The screen ---- */

static void put(const char *text) { uart_put(text, string_length(text)); }

static void put_lines(const char *bytes, size_t nbytes) {
    while (nbytes) {
        size_t part = bytes_find(bytes, nbytes, '\n');
        uart_put(bytes, part);
        if (part < nbytes) {
            put("\r\n");
            part++;
        }
        bytes += part;
        nbytes -= part;
    }
}

static bool goes_on(size_t at) { return at < length && (line[at] & 0xc0) == 0x80; }

static size_t character_before(size_t at) {
    do
        at -= at > 0;
    while (at > 0 && goes_on(at));
    return at;
}

static size_t character_after(size_t at) {
    do
        at += at < length;
    while (goes_on(at));
    return at;
}

/* Move the screen's cursor back over these bytes. */
static void put_back(size_t from, size_t to) {
    for (; to > from; to = character_before(to))
        put("\b");
}

/* Show the line again from `from` on; the screen's cursor stands there and ends at `cursor`. */
static void show_from(size_t from) {
    uart_put(line + from, length - from);
    put("\033[K");
    put_back(cursor, length);
}

void editor_output(const char *bytes, size_t nbytes) {
    if (length) {
        put_back(0, cursor);
        put("\033[K");
    }
    put_lines(bytes, nbytes);
    if (length) {
        uart_put(line, length);
        put_back(cursor, length);
    }
}

/* ---- Editing ---- */

static void cursor_move(size_t to) {
    if (to < cursor)
        put_back(to, cursor);
    else
        uart_put(line + cursor, to - cursor);
    cursor = to;
}

static void remove(size_t from, size_t to) {
    cursor_move(from);
    memmove(line + from, line + to, length - to);
    length -= to - from;
    show_from(from);
}

/* One byte is kept for the newline. */
static void insert(char byte) {
    if (length + 1 >= sizeof line) {
        too_long = true;
        put("\a");
        return;
    }
    memmove(line + cursor + 1, line + cursor, length - cursor);
    line[cursor] = byte;
    length++;
    cursor++;
    if (cursor == length) {
        uart_put(&byte, 1);
    } else {
        size_t from = character_before(cursor);
        put_back(from, cursor - 1);
        show_from(from);
    }
}

static size_t word_start(void) {
    size_t at = cursor;
    while (at && line[at - 1] == ' ')
        at--;
    while (at && line[at - 1] != ' ')
        at--;
    return at;
}

static void history_add(void) {
    char *text = length ? block_alloc(length + 1) : NULL;
    if (!text)
        return;
    memcpy(text, line, length);
    text[length] = 0;
    block_free(history[HISTORY - 1]);
    memmove(history + 1, history, (HISTORY - 1) * sizeof *history);
    history[0] = text;
}

static void recall(int at) {
    if (at < -1 || at >= HISTORY || (at >= 0 && !history[at]))
        return;
    history_at = at;
    remove(0, length);
    for (const char *p = at < 0 ? "" : history[at]; *p; p++)
        insert(*p);
}

/* ---- Keys ---- */

static void line_begin(void) {
    length = cursor = 0;
    history_at = -1;
    too_long = false;
}

/* A line that lost bytes would be another command than the one that was typed. */
static enum edit_event enter(void) {
    put("\r\n");
    if (too_long) {
        put("the line is too long, and is dropped\r\n");
        line_begin();
        return EDIT_TOO_LONG;
    }
    history_add();
    return EDIT_LINE;
}

const char *editor_line(size_t *nbytes) {
    line[length] = '\n';
    *nbytes = length + 1;
    line_begin();
    return line;
}

static enum edit_event abandon(void) {
    cursor_move(length);
    put("^C\r\n");
    line_begin();
    return EDIT_INTERRUPT;
}

/* The letter that ends an escape sequence, or the one digit before its `~`. */
static void key_escaped(char key) {
    switch (key) {
    case 'A':
        recall(history_at + 1);
        break;
    case 'B':
        recall(history_at - 1);
        break;
    case 'C':
        cursor_move(character_after(cursor));
        break;
    case 'D':
        cursor_move(character_before(cursor));
        break;
    case 'H':
    case '1':
    case '7':
        cursor_move(0);
        break;
    case 'F':
    case '4':
    case '8':
        cursor_move(length);
        break;
    case '3':
        remove(cursor, character_after(cursor));
        break;
    default:
        break;
    }
}

/* => whether the byte belonged to an escape sequence */
static bool escape_take(char byte) {
    if (byte == '\033') {
        escape = byte;
    } else if (!escape) {
        return false;
    } else if (escape == '\033') {
        escape = byte == '[' || byte == 'O' ? '[' : 0;
    } else if (byte >= '0' && byte <= '?') {
        escape = escape == '[' ? byte : '?';
    } else {
        key_escaped(byte == '~' ? escape : byte);
        escape = 0;
    }
    return true;
}

static void key_edit(char byte) {
    switch (byte) {
    case '\b':
    case 127:
        remove(character_before(cursor), cursor);
        break;
    case CONTROL('A'):
        cursor_move(0);
        break;
    case CONTROL('E'):
        cursor_move(length);
        break;
    case CONTROL('U'):
        remove(0, cursor);
        break;
    case CONTROL('K'):
        remove(cursor, length);
        break;
    case CONTROL('W'):
        remove(word_start(), cursor);
        break;
    case '\t': /* in pasted text; a character is a column here */
        insert(' ');
        break;
    default:
        if ((unsigned char)byte >= ' ')
            insert(byte);
    }
}

enum edit_event editor_key(char byte) {
    if (escape_take(byte))
        return EDIT_GOES_ON;
    if (byte == '\r' || byte == '\n')
        return enter();
    if (byte == CONTROL('C'))
        return abandon();
    if (byte == CONTROL('D'))
        return length ? EDIT_GOES_ON : EDIT_END;
    key_edit(byte);
    return EDIT_GOES_ON;
}
