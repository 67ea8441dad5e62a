/* The shell. Text is parsed and run in one pass, a pipeline at a time, so that $? and variables
 * have their values of that moment. A pipeline that && or || skips is parsed and not run.
 *
 * list: pipeline { (; | newline | & | && | ||) pipeline }, pipeline: command { | command },
 * command: words and redirections (< > >> 2> 2>> 2>&1). Quotes: '...', "..." and backslash.
 * Patterns in words: * ? [...]. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/memory.h"
#include "byre/protocol.h"
#include "byre/syscall.h"

#define WORDS_MAX 256
#define REDIRECTIONS_MAX 16
#define COMMANDS_MAX 32
#define TRY_AGAIN 10000000UL /* nanoseconds */
#define TEXT_MAX 65536
#define JOBS_MAX 256

struct redirection {
    int number; /* the descriptor that changes */
    int flags;  /* of open; -1: a copy of descriptor 1 */
    char *path;
};

struct command {
    char *words[WORDS_MAX + 1];
    int nwords;
    struct redirection redirections[REDIRECTIONS_MAX];
    int nredirections;
};

struct pipeline {
    struct command *commands[COMMANDS_MAX];
    int ncommands;
};

static const char *at;      /* what is left of the text */
static int status;          /* $? */
static int last_background; /* $!: the process that ends the last pipeline started by & */
static int jobs[JOBS_MAX];  /* processes in the background */
static int njobs;
static bool interactive;
static bool interrupted;   /* by Ctrl-C: the rest of the line does not run */
static const char *broken; /* the syntax error of this text, or NULL */

/* ---- Memory of a pipeline ----
 *
 * What is parsed lives until the pipeline has run. It comes from the shell's own bytes first, so
 * that a command can be given, to end whoever took all memory, when malloc has nothing left. */

#define ROOM_OWN 16384

union block {
    union block *next;
    max_align_t align;
};
static _Alignas(max_align_t) char room_own[ROOM_OWN];
static size_t room_used;
static union block *room_more; /* of malloc, for what did not fit */

/* returns: bytes of 0; NULL: out of memory, and `broken` says so */
static void *room_take(size_t nbytes) {
    size_t whole = (nbytes + sizeof(union block) - 1) / sizeof(union block) * sizeof(union block);
    char *room = room_own + room_used;
    if (whole <= ROOM_OWN - room_used) {
        room_used += whole;
        return memset(room, 0, whole);
    }
    union block *block = calloc(1, sizeof *block + whole);
    if (!block) {
        broken = "out of memory";
        return NULL;
    }
    block->next = room_more;
    room_more = block;
    return block + 1;
}

static char *text_copy(const char *text) {
    size_t nbytes = strlen(text) + 1;
    char *copy = room_take(nbytes);
    return copy ? memcpy(copy, text, nbytes) : NULL;
}

static void room_free(void) {
    room_used = 0;
    while (room_more) {
        union block *block = room_more;
        room_more = block->next;
        free(block);
    }
}

/* ---- Words ---- */

/* => whether a backslash and the end of its line stood here: the next line goes on with this one */
static bool continuation_skip(void) {
    bool continues = at[0] == '\\' && at[1] == '\n';
    at += continues ? 2 : 0;
    return continues;
}

static void blanks_skip(void) {
    for (;;) {
        if (*at == ' ' || *at == '\t' || *at == '\r')
            at++;
        else if (!continuation_skip())
            break;
    }
    if (*at == '#')
        at += strcspn(at, "\n");
}

/* After an operator the command may stand on a later line. */
static void line_ends_skip(void) {
    for (blanks_skip(); *at == '\n'; blanks_skip())
        at++;
}

#define WORD_LEAST 16 /* bytes; a word that fills a power of two of them moves to twice as much */

static void byte_add(char **word, size_t *length, char byte) {
    size_t size = *length + 1;
    if (!*word || (size >= WORD_LEAST && (size & (size - 1)) == 0)) {
        char *grown = room_take(size < WORD_LEAST ? WORD_LEAST : 2 * size);
        if (!grown)
            return;
        if (*word)
            memcpy(grown, *word, *length);
        *word = grown;
    }
    (*word)[(*length)++] = byte;
    (*word)[*length] = 0;
}

/* A byte that is meant as it is: \ before it tells so until the word is complete. */
static void literal_add(char **word, size_t *length, char byte) {
    if (strchr("*?[]\\", byte))
        byte_add(word, length, '\\');
    byte_add(word, length, byte);
}

/* $?, $$, $!, $NAME or ${NAME}; a lone $ stays. Outside of quotes it may hold a pattern. */
static void variable_add(char **word, size_t *length, char quote) {
    char text[24], name[64];
    const char *value = text;
    bool braced = at[1] == '{';
    const char *start = at + 1 + braced;
    size_t n = 0;
    if (*start == '?' || *start == '$' || *start == '!') {
        snprintf(text, sizeof text, "%d",
                 *start == '?'   ? status
                 : *start == '$' ? (int)getpid()
                                 : last_background);
        n = 1;
    } else {
        while (n < sizeof name - 1 && (isalnum((unsigned char)start[n]) || start[n] == '_'))
            n++;
        snprintf(name, sizeof name, "%.*s", (int)n, start);
        value = n ? getenv(name) : "$";
    }
    at = start + n;
    if (braced && *at == '}')
        at++;
    for (; value && *value; value++)
        (quote || *value == '\\' ? literal_add : byte_add)(word, length, *value);
}

static void quoted_add(char **word, size_t *length, char quote) {
    for (at++; *at != quote;) {
        if (!*at) {
            broken = "a quote is not closed";
            return;
        }
        if (quote == '"' && *at == '$') {
            variable_add(word, length, quote);
            continue;
        }
        if (quote == '"' && continuation_skip())
            continue;
        if (quote == '"' && *at == '\\' && at[1] && strchr("\\\"$`", at[1]))
            at++;
        literal_add(word, length, *at++);
    }
    at++;
}

/* The next word with the values of its variables, and with \ before what is not a pattern though it
 * looks like one. => NULL when an operator or the end comes */
static char *pattern_read(void) {
    char *word = NULL;
    size_t length = 0;
    blanks_skip();
    const char *start = at;
    while (!broken && *at && !strchr(" \t\r\n;&|<>", *at)) {
        if (*at == '\'' || *at == '"') {
            quoted_add(&word, &length, *at);
        } else if (*at == '$') {
            variable_add(&word, &length, 0);
        } else if (*at == '\\' && at[1] && at[1] != '\n') {
            literal_add(&word, &length, at[1]);
            at += 2;
        } else if (!continuation_skip()) {
            (*at == '\\' ? literal_add : byte_add)(&word, &length, *at);
            at++;
        }
    }
    return word || at == start ? word : text_copy("");
}

static void backslashes_remove(char *word) {
    for (const char *from = word; *from; *word++ = *from++)
        from += from[0] == '\\' && from[1];
    *word = 0;
}

/* The next word as it is: patterns in it are not looked for. */
static char *word_read(void) {
    char *word = pattern_read();
    if (word)
        backslashes_remove(word);
    return word;
}

/* ---- Names that match a pattern ---- */

/* A word that there was no memory for is NULL, and the command broken already. */
static void word_add(struct command *command, char *word) {
    if (word && command->nwords < WORDS_MAX)
        command->words[command->nwords++] = word;
    else if (word)
        broken = "too many words";
}

static bool is_pattern(const char *text) {
    for (; *text && !strchr("*?[", *text); text++)
        text += text[0] == '\\' && text[1];
    return *text;
}

static void names_add(struct command *command, const char *before, const char *rest);

/* `rest` begins with the slashes behind the name. */
static void name_add(struct command *command, const char *before, const char *name,
                     const char *rest) {
    char path[PATH_MAX];
    int nslashes = (int)strspn(rest, "/");
    int length = snprintf(path, sizeof path, "%s%s%.*s", before, name, nslashes, rest);
    if (length >= (int)sizeof path || broken)
        return;
    if (rest[nslashes])
        names_add(command, path, rest + nslashes);
    else if (access(path, F_OK) == 0)
        word_add(command, text_copy(path));
}

/* Add what is there and matches `rest`, below the path `before`, which is empty or ends with /. */
static void names_add(struct command *command, const char *before, const char *rest) {
    char part[NAME_MAX + 1];
    size_t length = strcspn(rest, "/");
    if (length > NAME_MAX)
        return;
    memcpy(part, rest, length);
    part[length] = 0;
    if (!is_pattern(part)) {
        backslashes_remove(part);
        name_add(command, before, part, rest + length);
        return;
    }
    DIR *directory = opendir(*before ? before : ".");
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (fnmatch(part, entry->d_name, FNM_PERIOD) == 0)
            name_add(command, before, entry->d_name, rest + length);
    if (directory)
        closedir(directory);
}

static int words_compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names that match, in order; a word that is no pattern, or that nothing matches, stays. */
static void words_read(struct command *command, char *pattern) {
    int before = command->nwords;
    if (is_pattern(pattern))
        names_add(command, "", pattern);
    int nnames = command->nwords - before;
    qsort(command->words + before, (size_t)nnames, sizeof *command->words, words_compare);
    if (nnames)
        return;
    backslashes_remove(pattern);
    word_add(command, pattern);
}

/* ---- Parsing ---- */

/* => whether a redirection stood here */
static bool redirection_read(struct command *command) {
    blanks_skip();
    bool error = at[0] == '2' && at[1] == '>';
    const char *sign = at + error;
    if (*sign != '<' && *sign != '>')
        return false;
    struct redirection new = {.number = error ? 2 : *sign == '>'};
    at = sign + 1;
    if (*sign == '<') {
        new.flags = O_RDONLY;
    } else if (*at == '>') {
        at++;
        new.flags = O_WRONLY | O_CREAT | O_APPEND;
    } else if (at[0] == '&' && at[1] == '1') {
        at += 2;
        new.flags = -1;
    } else {
        new.flags = O_WRONLY | O_CREAT | O_TRUNC;
    }
    if (new.flags != -1 && !(new.path = word_read()))
        broken = "a redirection has no file";
    else if (command->nredirections == REDIRECTIONS_MAX)
        broken = "too many redirections";
    else
        command->redirections[command->nredirections++] = new;
    return true;
}

static struct command *command_read(void) {
    struct command *command = room_take(sizeof *command);
    while (!broken) {
        if (redirection_read(command))
            continue;
        char *pattern = pattern_read();
        if (!pattern)
            break;
        words_read(command, pattern);
    }
    return command;
}

static void pipeline_read(struct pipeline *pipeline) {
    pipeline->ncommands = 0;
    for (;;) {
        struct command *command = command_read();
        if (!command)
            return;
        pipeline->commands[pipeline->ncommands++] = command;
        bool more = at[0] == '|' && at[1] != '|';
        if ((more || pipeline->ncommands > 1) && !command->nwords && !broken)
            broken = "a command is missing beside |";
        if (!more || broken)
            return;
        if (pipeline->ncommands == COMMANDS_MAX) {
            broken = "too many commands in a pipeline";
            return;
        }
        at++;
        line_ends_skip();
    }
}

/* ---- Running ---- */

static int status_of(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

static bool redirections_apply(const struct command *command) {
    for (int i = 0; i < command->nredirections; i++) {
        const struct redirection *r = &command->redirections[i];
        int file = r->flags == -1 ? 1 : open(r->path, r->flags, 0644);
        if (file < 0 || dup2(file, r->number) < 0) {
            fprintf(stderr, "sh: %s: %s\n", r->path ? r->path : "2>&1", strerror(errno));
            return false;
        }
        if (r->flags != -1 && file != r->number)
            close(file);
    }
    return true;
}

/* Tell the console that Ctrl-C is for this process too. Not being able to is no reason not to run.
 */
static void foreground_join(int place) {
    long process = sys_process_open((int)getpid());
    long words[4] = {OP_FOREGROUND, 1, place, process};
    if (process >= 0)
        (void)sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, MESSAGE_HANDLE);
}

/* Ctrl-C is for nobody any more. => whether it has come */
static bool foreground_end(void) {
    long words[4] = {OP_FOREGROUND, 0};
    return sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, 0) == 0 && words[0] > 0;
}

/* ---- Jobs in the background ---- */

static void job_add(int pid) {
    if (njobs < JOBS_MAX)
        jobs[njobs++] = pid;
}

/* A child has ended: a job, or an orphan that came to us. */
static void job_remove(int pid) {
    for (int i = 0; i < njobs; i++)
        if (jobs[i] == pid)
            jobs[i--] = jobs[--njobs];
}

static void jobs_collect(void) {
    int pid, ended;
    while ((pid = waitpid(-1, &ended, WNOHANG)) > 0)
        job_remove(pid);
}

/* A child that waits in the foreground in our place: Ctrl-C ends it. => its pid, or -1 */
static int stand_in_start(void) {
    int pid = fork();
    if (pid != 0)
        return pid;
    foreground_join(0);
    for (;;)
        (void)sys_sleep(UINT64_MAX);
}

/* Wait for all jobs, or for Ctrl-C. */
static int jobs_wait(void) {
    int stand_in = interactive && njobs ? stand_in_start() : -1, pid = 0, ended;
    while (njobs && pid != stand_in && (pid = waitpid(-1, &ended, 0)) > 0)
        job_remove(pid);
    if (stand_in > 0 && pid != stand_in) {
        (void)kill(stand_in, SIGKILL);
        (void)waitpid(stand_in, &ended, 0);
    }
    interrupted = interactive && foreground_end();
    return interrupted ? 128 + SIGINT : 0;
}

static int directory_change(const char *path) {
    if (chdir(path) == 0)
        return 0;
    fprintf(stderr, "cd: %s: %s\n", path, strerror(errno));
    return 1;
}

/* Only the shell has the right to. */
static int power_off(int with_status) {
    fflush(stdout);
    long error = sys_power_off(HANDLE_POWER, with_status);
    fprintf(stderr, "poweroff: this shell was not given the right to: %s\n", strerror((int)-error));
    return 1;
}

/* The jobs are children of the shell: a program of that name could not end them. */
static int jobs_kill(char *const *words) {
    int signal = SIGTERM, failed = 0;
    if (words[0] && *words[0] == '-')
        signal = -atoi(*words++);
    for (; *words; words++)
        if (kill(atoi(*words), signal) < 0) {
            fprintf(stderr, "kill: %s: %s\n", *words, strerror(errno));
            failed = 1;
        }
    return failed;
}

/* => whether the command is the shell's own; then it has run */
static bool builtin_run(const struct command *command) {
    char *const *words = command->words;
    if (!command->nwords) {
        status = 0;
    } else if (strcmp(words[0], "cd") == 0) {
        status = directory_change(words[1] ? words[1] : "/");
    } else if (strcmp(words[0], "exit") == 0) {
        fflush(stdout);
        exit(words[1] ? atoi(words[1]) : status);
    } else if (strcmp(words[0], "kill") == 0) {
        status = jobs_kill(words + 1);
    } else if (strcmp(words[0], "poweroff") == 0) {
        status = power_off(words[1] ? atoi(words[1]) : 0);
    } else if (strcmp(words[0], "wait") == 0) {
        status = jobs_wait();
    } else if (command->nwords == 1 && isalpha((unsigned char)*words[0]) && strchr(words[0], '=')) {
        char *value = strchr(words[0], '=');
        *value = 0;
        status = setenv(words[0], value + 1, 1) ? 1 : 0;
    } else {
        return false;
    }
    return true;
}

static int file_run(const char *path);

/* In the child. A file that may be executed and is no program is a script of ours (POSIX, 2.9.1).
 */
_Noreturn static void command_exec(struct command *command) {
    if (!redirections_apply(command))
        _exit(1);
    if (builtin_run(command))
        _exit(status);
    const char *name = command->words[0];
    char path[512];
    snprintf(path, sizeof path, "%s%s", strchr(name, '/') ? "" : "/bin/", name);
    execv(path, command->words);
    if (errno == ENOEXEC)
        _exit(file_run(path));
    bool missing = errno == ENOENT || errno == ENOTDIR;
    fprintf(stderr, "sh: %s: %s\n", name, missing ? "not found" : strerror(errno));
    _exit(missing ? 127 : 126);
}

/* In the child: join the pipeline's neighbours. */
static void ends_join(int input, const int ends[2]) {
    if (input >= 0) {
        dup2(input, 0);
        close(input);
    }
    if (ends[1] >= 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
    }
}

/* Ask a server for another session, and have it at a number that programs know.
 * => 0 or a negative errno */
static long session_replace(int number, int session, long operation, const char *path) {
    long words[4] = {operation};
    long error = sys_call(session, words, path, path ? strlen(path) + 1 : 0, NULL, 0, 0);
    if (error < 0 || words[0] < 0)
        return error < 0 ? error : words[0];
    error = sys_handle_dup((int)words[3], number, HANDLE_DUP_AT);
    (void)sys_handle_close((int)words[3]);
    return error < 0 ? error : 0;
}

/* In the child: what it makes the servers keep is counted for itself, and not for the shell. In a
 * shell that is itself such a client, all that it starts is counted with it. */
static void client_begin(void) {
    long error = session_replace(HANDLE_CURRENT, HANDLE_CURRENT, OP_CLIENT, NULL);
    if (error == -EPERM)
        return;
    if (!error)
        error = session_replace(HANDLE_ROOT, HANDLE_CURRENT, OP_OPEN, "/");
    if (!error)
        error = session_replace(HANDLE_PIPE, HANDLE_PIPE, OP_CLIENT, NULL);
    if (error) {
        fprintf(stderr, "sh: cannot start a command: %s\n", strerror((int)-error));
        _exit(126);
    }
}

/* In the child, before it can ask the console for anything: who is in the foreground belongs to the
 * terminal's Ctrl-C, who is not must not take the terminal's input from the shell. */
static void terminal_join(int place, bool background) {
    if (!background && interactive)
        foreground_join(place);
    int nothing = background ? open("/dev/null", O_RDONLY) : -1;
    if (nothing >= 0) {
        dup2(nothing, 0);
        close(nothing);
    }
}

/* Start every command. => how many were started; their pids */
static int pipeline_start(const struct pipeline *pipeline, bool background, int *pids) {
    int input = -1, started = 0;
    for (int i = 0; i < pipeline->ncommands; i++) {
        int ends[2] = {-1, -1};
        int pid = i + 1 < pipeline->ncommands && pipe(ends) < 0 ? -1 : fork();
        if (pid == 0) {
            client_begin();
            terminal_join(i, background);
            ends_join(input, ends);
            command_exec(pipeline->commands[i]);
        }
        if (input >= 0)
            close(input);
        if (ends[1] >= 0)
            close(ends[1]);
        input = ends[0];
        if (pid < 0) {
            fprintf(stderr, "sh: cannot start %s: %s\n", pipeline->commands[i]->words[0],
                    strerror(errno));
            break;
        }
        pids[started++] = pid;
    }
    if (input >= 0)
        close(input);
    return started;
}

static void pipeline_run(const struct pipeline *pipeline, bool background) {
    int pids[COMMANDS_MAX];
    struct command *first = pipeline->commands[0];
    bool alone = pipeline->ncommands == 1 && !background && !first->nredirections;
    fflush(stdout);
    if (alone && builtin_run(first))
        return;
    int started = pipeline_start(pipeline, background, pids);
    status = started == pipeline->ncommands ? 0 : 1;
    if (background) {
        last_background = started ? pids[started - 1] : 0;
        for (int i = 0; i < started; i++)
            job_add(pids[i]);
        return;
    }
    for (int i = 0; i < started; i++) {
        int wait_status;
        if (waitpid(pids[i], &wait_status, 0) == pids[i] && i + 1 == pipeline->ncommands)
            status = status_of(wait_status);
    }
    interrupted = interactive && foreground_end();
}

static void text_run(const char *text) {
    enum { ALWAYS, IF_TRUE, IF_FALSE } when = ALWAYS;
    at = text;
    broken = NULL;
    interrupted = false;
    while (*at || when != ALWAYS) {
        struct pipeline pipeline;
        pipeline_read(&pipeline);
        bool both = at[0] && at[0] == at[1];
        bool background = *at == '&' && !both;
        bool skip = (when == IF_TRUE && status != 0) || (when == IF_FALSE && status == 0);
        bool empty =
            !broken && !pipeline.commands[0]->nwords && !pipeline.commands[0]->nredirections;
        if (empty && (*at == '&' || *at == '|' || when != ALWAYS))
            broken = "a command is missing beside & or |";
        if (!broken && !skip && !empty)
            pipeline_run(&pipeline, background);
        room_free();
        if (interrupted)
            return;
        if (broken) {
            fprintf(stderr, "sh: %s\n", broken);
            status = 2;
            return;
        }
        both = both && (*at == '&' || *at == '|');
        when = !both ? ALWAYS : *at == '&' ? IF_TRUE : IF_FALSE;
        if (*at)
            at += both ? 2 : 1;
        if (both)
            line_ends_skip();
    }
}

static int file_run(const char *path) {
    char *text = calloc(1, TEXT_MAX);
    int file = text ? open(path, O_RDONLY) : -1;
    ssize_t part = 0;
    size_t nbytes = 0;
    while (file >= 0 && (part = read(file, text + nbytes, TEXT_MAX - 1 - nbytes)) > 0)
        nbytes += (size_t)part;
    if (file < 0 || part < 0) {
        fprintf(stderr, "sh: %s: %s\n", path, strerror(errno));
        return 127;
    }
    close(file);
    text_run(text);
    free(text);
    return status;
}

/* A line at a time, byte by byte: what follows the line is for the programs that it runs. A server
 * that has no memory for our waiting may have some later. */
static ssize_t line_read(char *line, size_t nbytes) {
    size_t length = 0;
    while (length + 1 < nbytes) {
        ssize_t part = read(0, line + length, 1);
        if (part < 0 && errno == ENOMEM) {
            (void)sys_sleep(TRY_AGAIN);
            continue;
        }
        if (part < 0)
            return -errno;
        if (part == 0 || line[length++] == '\n')
            break;
    }
    line[length] = 0;
    return (ssize_t)length;
}

static int input_run(void) {
    static char line[4096];
    for (;;) {
        jobs_collect();
        if (interactive)
            (void)write(1, "$ ", 2);
        ssize_t length = line_read(line, sizeof line);
        if (length == -EINTR)
            continue;
        if (length <= 0)
            return status;
        text_run(line);
    }
}

/* Job control and the power switch are for this shell, and for nothing that it starts. */
static void rights_keep(void) {
    (void)sys_handle_flags(HANDLE_CONSOLE, HANDLE_CLOEXEC);
    (void)sys_handle_flags(HANDLE_POWER, HANDLE_CLOEXEC);
}

/* The shell is whom one asks to end the program that took all memory: it keeps its own. Orphans of
 * what a user started stay in that user's reach. */
int main(int argc, char **argv) {
    (void)memory_fill();
    rights_keep();
    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        text_run(argv[2]);
        return status;
    }
    if (argc > 1)
        return file_run(argv[1]);
    interactive = isatty(0);
    if (interactive)
        (void)sys_adopt(1);
    return input_run();
}
