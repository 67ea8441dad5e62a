/* The shell: what its files share.
 *
 * Text is parsed, one complete command at a time, into a tree (parse.c); running a command expands
 * its words (expand.c) and starts programs or does the work itself (run.c, builtin.c). All that
 * lives as long as one command comes from one place (room_take), which needs no malloc for commands
 * of ordinary size: so the shell can end whoever took all memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* ---- Memory of a command: memory.c ---- */

struct room_mark {
    size_t used;
    void *more;
};

/* returns: zeroed bytes, until room_release; it does not return when there is no memory (fail) */
void *room_take(size_t nbytes);
char *room_text(const char *text, size_t nbytes);

struct room_mark room_mark(void);
void room_release(struct room_mark mark); /* all that was taken since */

/* A text that grows in the room. */
struct text {
    char *bytes; /* ends with a 0, once something was added */
    size_t length, size;
};
void text_add(struct text *text, char byte);
void text_add_all(struct text *text, const char *bytes);

/* Give up what is being done, with a message behind "sh: ": the shell goes on with its next
 * command, a script or a child ends with this status. */
_Noreturn void fail(int with_status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A place in a function that has not returned (place.S). */
struct place {
    long registers[14];
};

/* returns: false; true: place_return has come here */
__attribute__((returns_twice)) bool place_mark(struct place *place);
_Noreturn void place_return(const struct place *place);

/* Where fail goes to. Each reader of commands has one, which begins with the one before it. */
extern struct place *failed;

/* ---- Where commands come from: memory.c ---- */

struct source {
    const char *text;
    size_t at, length;
    bool (*more)(struct source *source); /* add a line; NULL: the text is all there is */
};
extern struct source *source;

/* ---- The tree: parse.c ---- */

struct word {
    struct word *next;
    const char *text; /* as it was written, quotes and all */
};

enum redirection_kind { READ, WRITE, APPEND, READ_WRITE, COPY, HERE };
struct redirection {
    struct redirection *next;
    enum redirection_kind kind;
    int number;       /* the descriptor that changes */
    const char *text; /* the file; the descriptor that is copied; what stands here */
    bool literal;     /* nothing in what stands here is expanded */
};

struct branch {
    struct branch *next;
    struct word *patterns;
    struct node *body; /* NULL: nothing to do */
};

enum node_kind {
    COMMAND,  /* assignments, words */
    PIPELINE, /* children */
    AND,
    OR,         /* left, right */
    SEQUENCE,   /* children */
    BACKGROUND, /* left */
    NOT,        /* left */
    GROUP,      /* left */
    SUBSHELL,   /* left */
    IF,         /* left: condition, right: then, other: else or NULL */
    WHILE,      /* left: condition, right: body */
    UNTIL,
    FOR,      /* words: the name and what it takes, right: body; !listed: the parameters */
    CASE,     /* words: one; branches */
    FUNCTION, /* words: the name; body: its text */
};

struct node {
    enum node_kind kind;
    struct node *next; /* of the same sequence or pipeline */
    struct node *left, *right, *other, *children;
    struct word *words, *assignments;
    struct redirection *redirections;
    struct branch *branches;
    const char *body;
    bool listed;
};

/* The next complete command of the source; it does not return from a syntax error (fail).
 * returns: NULL: the end, or a line without a command; *ended tells which */
struct node *parse(bool *ended);

/* How long the part of a word is that stands first in the text: a quote or an expansion with all
 * that belongs to it, or one byte. */
size_t part_length(const char *text);

/* ---- Expansion: expand.c ---- */

/* The fields that words become (POSIX, 2.6), ended by NULL. */
char **expand_words(const struct word *words, int *count);
char *expand_one(const char *word);     /* to one field: no splitting, no file names */
char *expand_pattern(const char *word); /* the same for fnmatch: \ stands before what is quoted */
char *expand_here(const char *text);    /* as between double quotes */
long arithmetic(const char *text);      /* POSIX, 2.6.4 */

/* ---- Variables and parameters: variable.c ---- */

const char *variable_get(const char *name); /* NULL: not set */
void variable_set(const char *name, const char *value);
void variable_export(const char *name);
void variable_unset(const char *name);
bool is_name(const char *text, size_t nbytes);
const char *assignment_value(const char *word); /* NULL: the word is no assignment */
char **environment(void);                       /* what programs are given */

struct parameters {
    char **values; /* $1..., ended by NULL */
    int count;
};
extern struct parameters parameters;
extern const char *shell_name; /* $0 */

/* ---- Running: run.c ---- */

extern int status;          /* $? */
extern int shell_pid;       /* $$: a subshell has its parent's */
extern int last_background; /* $! */
extern bool interactive;
extern bool interrupted; /* by Ctrl-C: what is left of the command does not run */
extern bool exit_on_error, expand_set_only, trace;

enum leaving { STAY, BREAK, CONTINUE, RETURN };
extern enum leaving leaving; /* what a command of the shell's wants of the loops around it */
extern int leaving_loops;

void run(const struct node *node);
void run_source(struct source *commands); /* to its end, or to `leaving` */
void run_text(const char *text);
int run_file(const char *path);

/* A child of this shell: 0 in the child, where fail ends it. */
int child_begin(int place, bool background);

/* returns: the program's path, in the room, or NULL and errno */
char *program_find(const char *name);

/* What redirections have replaced, the newest first: they are undone behind a command of the
 * shell's own. */
struct saved {
    struct saved *next;
    int number, copy; /* -1: it was closed */
};
extern struct saved *redirected;

bool redirect(const struct redirection *list); /* false: it has said why, and nothing is changed */
void redirect_back(struct saved *before);      /* what was redirected since */

/* After fail, in a shell that goes on: as it was between two commands. */
void run_forget(void);
extern struct parameters first_parameters;

/* ---- The shell's own commands: builtin.c, test.c ---- */

typedef int builtin_function(int argc, char **argv);
builtin_function *builtin_find(const char *name);
builtin_function test_command;

const char *function_find(const char *name);
void function_set(const char *name, const char *body);

/* ---- The terminal and children: job.c ---- */

void foreground_join(int place);
bool foreground_end(void);
void job_add(int pid);
void jobs_collect(void);
int jobs_wait(void);
int job_status(int pid);   /* of one in the background; it waits. 127: no such child */
int child_status(int pid); /* wait for it. returns: as $? */
void client_begin(void);
