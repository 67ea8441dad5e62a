/* Running the tree. What changes the shell itself runs in it; a pipeline, a subshell and what is in
 * the background run in children. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/programs/sh/sh.h"

#define SAVED_LEAST 10 /* descriptors from here on keep what a redirection replaces */
#define DEPTH_MAX 200  /* functions in functions; the stack has room for them */

int status, last_background, shell_pid;
bool interactive, interrupted, exit_on_error, expand_set_only, trace;
enum leaving leaving;
int leaving_loops;

struct saved *redirected;

static int depth;
static int tested; /* a failure here is looked at: it does not end the shell (set -e) */

/* ---- Redirections ---- */

static bool complain(const char *what) {
    fprintf(stderr, "sh: %s: %s\n", what, strerror(errno));
    return false;
}

/* returns: a file with what stands here, to be read */
static int here_open(const struct redirection *r) {
    static unsigned count;
    const char *text = r->literal ? r->text : expand_here(r->text);
    char name[40];
    snprintf(name, sizeof name, "/tmp/sh.%d.%u", (int)getpid(), count++);
    int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (file < 0)
        return -1;
    size_t length = strlen(text);
    bool whole = write(file, text, length) == (ssize_t)length && lseek(file, 0, SEEK_SET) == 0;
    (void)unlink(name);
    if (whole)
        return file;
    close(file);
    return -1;
}

/* returns: the descriptor that is to be copied; -2: the one that changes is to be closed */
static int target_open(const struct redirection *r) {
    static const int flags[] = {O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC,
                                O_WRONLY | O_CREAT | O_APPEND, O_RDWR | O_CREAT};
    if (r->kind == HERE)
        return here_open(r);
    char *text = expand_one(r->text), *end;
    if (r->kind != COPY)
        return open(text, flags[r->kind], 0666);
    if (strcmp(text, "-") == 0)
        return -2;
    long number = strtol(text, &end, 10);
    if (!*text || *end)
        fail(2, "%s is no descriptor", text);
    return dup((int)number);
}

static bool redirection_apply(const struct redirection *r) {
    int file = target_open(r);
    if (file == -2) {
        close(r->number);
        return true;
    }
    if (file < 0 || (file != r->number && dup2(file, r->number) < 0))
        return complain(r->kind == HERE ? "a here-document" : expand_one(r->text));
    if (file != r->number)
        close(file);
    return true;
}

bool redirect(const struct redirection *list) {
    struct saved *before = redirected;
    for (; list; list = list->next) {
        struct saved *saved = room_take(sizeof *saved);
        saved->number = list->number;
        saved->copy = fcntl(list->number, F_DUPFD_CLOEXEC, SAVED_LEAST);
        saved->next = redirected;
        redirected = saved;
        if (!redirection_apply(list)) {
            redirect_back(before);
            return false;
        }
    }
    return true;
}

void redirect_back(struct saved *before) {
    fflush(stdout);
    for (; redirected != before; redirected = redirected->next) {
        if (redirected->copy >= 0)
            dup2(redirected->copy, redirected->number);
        close(redirected->copy >= 0 ? redirected->copy : redirected->number);
    }
}

/* ---- Programs ---- */

char *program_find(const char *name) {
    const char *path = variable_get("PATH");
    int error = ENOENT;
    if (strchr(name, '/'))
        return room_text(name, strlen(name));
    for (path = path ? path : "/bin"; *name; path++) {
        size_t length = strcspn(path, ":");
        struct stat file;
        struct text full = {0};
        for (size_t i = 0; i < length; i++)
            text_add(&full, path[i]);
        if (length)
            text_add(&full, '/');
        text_add_all(&full, name);
        if (stat(full.bytes, &file) == 0 && S_ISREG(file.st_mode)) {
            if (access(full.bytes, X_OK) == 0)
                return full.bytes;
            error = EACCES;
        }
        path += length;
        if (!*path)
            break;
    }
    errno = error;
    return NULL;
}

/* In the child. A file that may be executed and is no program is a script of ours (2.9.1). */
_Noreturn static void program_run(char **argv) {
    char *path = program_find(argv[0]);
    if (path)
        execve(path, argv, environment());
    if (path && errno == ENOEXEC) {
        shell_name = argv[0];
        parameters = (struct parameters){argv + 1, 0};
        while (parameters.values[parameters.count])
            parameters.count++;
        exit(run_file(path));
    }
    bool missing = errno == ENOENT || errno == ENOTDIR;
    fprintf(stderr, "sh: %s: %s\n", argv[0], missing ? "not found" : strerror(errno));
    _exit(missing ? 127 : 126);
}

int child_begin(int place, bool background) {
    static struct place end;
    static bool terminal_is_ours = true;
    fflush(stdout);
    int pid = fork();
    if (pid != 0)
        return pid;
    if (terminal_is_ours)
        client_begin();
    if (terminal_is_ours && interactive && place >= 0 && !background)
        foreground_join(place);
    terminal_is_ours = false; /* what this child starts ends with it */
    interactive = false;
    if (background) {
        int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, 0);
        close(nothing);
    }
    failed = &end;
    if (place_mark(&end))
        _exit(status);
    return 0;
}

_Noreturn static void child_end(void) {
    fflush(stdout);
    _exit(status);
}

/* ---- Simple commands ---- */

static void assign(const struct word *assignments, bool to_export) {
    for (; assignments; assignments = assignments->next) {
        const char *value = assignment_value(assignments->text);
        char *name = room_text(assignments->text, (size_t)(value - assignments->text - 1));
        variable_set(name, expand_one(value));
        if (to_export)
            variable_export(name);
    }
}

static void trace_print(char **argv) {
    fprintf(stderr, "+");
    for (; *argv; argv++)
        fprintf(stderr, " %s", *argv);
    fprintf(stderr, "\n");
}

static void function_run(const char *body, int argc, char **argv) {
    struct parameters outer = parameters;
    if (++depth > DEPTH_MAX) {
        depth = 0;
        fail(2, "%s: functions in functions, too deep", argv[0]);
    }
    parameters = (struct parameters){argv + 1, argc - 1};
    run_text(body);
    parameters = outer;
    depth--;
    if (leaving == RETURN)
        leaving = STAY;
}

/* A command of the shell's own: its assignments and redirections are for it alone. */
static void own_run(const struct node *node, int argc, char **argv, builtin_function *builtin,
                    const char *function) {
    struct saved *outer = redirected;
    struct word *before = NULL;
    bool stays = strcmp(argv[0], "exec") == 0;
    for (const struct word *word = node->assignments; word; word = word->next) {
        const char *value = assignment_value(word->text), *old;
        struct word *kept = room_take(sizeof *kept);
        char *name = room_text(word->text, (size_t)(value - word->text - 1));
        struct text text = {0};
        text_add_all(&text, name);
        if ((old = variable_get(name))) {
            text_add(&text, '=');
            text_add_all(&text, old);
        }
        kept->text = text.bytes;
        kept->next = before;
        before = kept;
    }
    if (!redirect(node->redirections)) {
        status = 1;
        return;
    }
    assign(node->assignments, false);
    if (builtin)
        status = builtin(argc, argv);
    else
        function_run(function, argc, argv);
    if (stays)
        redirected = outer;
    redirect_back(outer);
    for (; before; before = before->next) {
        const char *value = assignment_value(before->text);
        if (value)
            variable_set(room_text(before->text, (size_t)(value - before->text - 1)), value);
        else
            variable_unset(before->text);
    }
}

/* Without a command there are only assignments, and redirections that come and go. */
static void nothing_run(const struct node *node) {
    struct saved *outer = redirected;
    status = 0;
    assign(node->assignments, false);
    if (!redirect(node->redirections))
        status = 1;
    redirect_back(outer);
}

/* In this process, which becomes the program. */
_Noreturn static void program_become(const struct node *node, char **argv) {
    if (!redirect(node->redirections))
        _exit(1);
    assign(node->assignments, true);
    program_run(argv);
}

/* place: in its pipeline, or -1: this process may become the program */
static void command_run(const struct node *node, int place) {
    int argc;
    char **argv = expand_words(node->words, &argc);
    if (trace && argc)
        trace_print(argv);
    if (argc == 0) {
        nothing_run(node);
        return;
    }
    const char *function = function_find(argv[0]);
    builtin_function *builtin = builtin_find(argv[0]);
    if (function || builtin) {
        own_run(node, argc, argv, function ? NULL : builtin, function);
        return;
    }
    if (place < 0)
        program_become(node, argv);
    int pid = child_begin(place, false);
    if (pid == 0)
        program_become(node, argv);
    if (pid < 0) {
        complain(argv[0]);
        status = 1;
        return;
    }
    status = child_status(pid);
    interrupted = interactive && foreground_end();
}

/* ---- Compound commands ---- */

/* In a child, which ends with it. */
_Noreturn static void child_run(const struct node *node) {
    exit_on_error = exit_on_error && !tested;
    if (node->kind == COMMAND)
        command_run(node, -1);
    else
        run(node);
    child_end();
}

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

static void pipeline_run(const struct node *pipeline) {
    int input = -1, place = 0, last = -1, count = 0;
    for (const struct node *node = pipeline->children; node; node = node->next)
        count++;
    int *pids = room_take((size_t)count * sizeof *pids);
    for (const struct node *node = pipeline->children; node; node = node->next) {
        int ends[2] = {-1, -1};
        int pid = node->next && pipe(ends) < 0 ? -1 : child_begin(place, false);
        if (pid == 0) {
            ends_join(input, ends);
            child_run(node);
        }
        if (input >= 0)
            close(input);
        if (ends[1] >= 0)
            close(ends[1]);
        input = ends[0];
        if (pid < 0) {
            complain("cannot start a command");
            break;
        }
        pids[place++] = pid;
        last = node->next ? -1 : pid;
    }
    if (input >= 0)
        close(input);
    for (int i = 0; i < place; i++) {
        int ended = child_status(pids[i]);
        status = pids[i] == last ? ended : 1;
    }
    if (!place)
        status = 1;
    interrupted = interactive && foreground_end();
}

static void background_run(const struct node *node) {
    int pid = child_begin(0, true);
    if (pid == 0)
        child_run(node);
    status = pid < 0;
    if (pid < 0) {
        complain("cannot start a command");
        return;
    }
    last_background = pid;
    job_add(pid);
}

static void subshell_run(const struct node *node) {
    int pid = child_begin(0, false);
    if (pid == 0)
        child_run(node->left);
    status = pid < 0 ? complain("cannot start a subshell"), 1 : child_status(pid);
    interrupted = interactive && foreground_end();
}

static void test_run(const struct node *node) {
    tested++;
    run(node);
    tested--;
}

/* returns: false: the loop is over */
static bool loop_goes_on(void) {
    if (interrupted || leaving == RETURN)
        return false;
    if (leaving == STAY)
        return true;
    if (--leaving_loops > 0)
        return false;
    bool on = leaving == CONTINUE;
    leaving = STAY;
    return on;
}

static void while_run(const struct node *node) {
    int result = 0;
    for (;;) {
        struct room_mark mark = room_mark();
        test_run(node->left);
        if (!loop_goes_on() || (status == 0) == (node->kind == UNTIL))
            break;
        run(node->right);
        result = status;
        room_release(mark);
        if (!loop_goes_on())
            return;
    }
    if (!interrupted)
        status = result;
}

static void for_run(const struct node *node) {
    int count = parameters.count;
    char **values = node->listed ? expand_words(node->words->next, &count) : parameters.values;
    status = 0;
    for (int i = 0; i < count; i++) {
        struct room_mark mark = room_mark();
        variable_set(node->words->text, values[i]);
        run(node->right);
        room_release(mark);
        if (!loop_goes_on())
            return;
    }
}

static void case_run(const struct node *node) {
    const char *subject = expand_one(node->words->text);
    status = 0;
    for (const struct branch *branch = node->branches; branch; branch = branch->next)
        for (const struct word *word = branch->patterns; word; word = word->next)
            if (fnmatch(expand_pattern(word->text), subject, 0) == 0) {
                if (branch->body)
                    run(branch->body);
                return;
            }
}

static void if_run(const struct node *node) {
    test_run(node->left);
    if (interrupted || leaving != STAY)
        return;
    if (status == 0)
        run(node->right);
    else if (node->other)
        run(node->other);
    else
        status = 0;
}

static void sequence_run(const struct node *node) {
    for (node = node->children; node && !interrupted && leaving == STAY; node = node->next) {
        struct room_mark mark = room_mark();
        run(node);
        room_release(mark);
    }
}

static void and_or_run(const struct node *node) {
    test_run(node->left);
    if (!interrupted && leaving == STAY && (status == 0) == (node->kind == AND))
        run(node->right);
}

static void node_run(const struct node *node) {
    switch (node->kind) {
    case COMMAND:
        command_run(node, 0);
        break;
    case PIPELINE:
        pipeline_run(node);
        break;
    case AND:
    case OR:
        and_or_run(node);
        break;
    case SEQUENCE:
        sequence_run(node);
        break;
    case BACKGROUND:
        background_run(node->left);
        break;
    case NOT:
        test_run(node->left);
        status = !status;
        break;
    case GROUP:
        run(node->left);
        break;
    case SUBSHELL:
        subshell_run(node);
        break;
    case IF:
        if_run(node);
        break;
    case WHILE:
    case UNTIL:
        while_run(node);
        break;
    case FOR:
        for_run(node);
        break;
    case CASE:
        case_run(node);
        break;
    case FUNCTION:
        function_set(node->words->text, node->body);
        status = 0;
        break;
    }
}

/* What a failure of ends the shell (set -e): not of what is tested, or only contains others. */
static bool failure_counts(const struct node *node) {
    return node->kind == COMMAND || node->kind == PIPELINE || node->kind == SUBSHELL;
}

void run(const struct node *node) {
    struct saved *outer = redirected;
    bool compound = node->kind != COMMAND && node->redirections;
    if (compound && !redirect(node->redirections)) {
        status = 1;
        return;
    }
    node_run(node);
    if (compound)
        redirect_back(outer);
    if (exit_on_error && !tested && status != 0 && failure_counts(node) && !interactive) {
        fflush(stdout);
        exit(status);
    }
}

void run_forget(void) {
    redirect_back(NULL);
    parameters = first_parameters;
    depth = tested = 0;
    leaving = STAY;
    source = NULL;
}

/* ---- Texts ---- */

void run_source(struct source *commands) {
    struct source *outer = source;
    bool ended = false;
    while (!ended && !interrupted && leaving == STAY) {
        struct room_mark mark = room_mark();
        source = commands;
        struct node *node = parse(&ended);
        source = outer;
        if (node)
            run(node);
        room_release(mark);
    }
}

void run_text(const char *text) {
    struct source commands = {.text = text, .length = strlen(text)};
    run_source(&commands);
}

/* returns: NULL and errno; to be freed */
static char *file_read(const char *path) {
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &about) < 0)
        return NULL;
    size_t size = (size_t)about.st_size, length = 0;
    char *text = calloc(1, size + 1);
    for (ssize_t n = 1; text && n > 0 && length < size; length += (size_t)(n > 0 ? n : 0))
        n = read(file, text + length, size - length);
    close(file);
    return text;
}

int run_file(const char *path) {
    char *text = file_read(path);
    if (!text) {
        complain(path);
        return 127;
    }
    run_text(text);
    free(text);
    if (leaving == RETURN)
        leaving = STAY;
    return status;
}
