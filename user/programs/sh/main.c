/* sh, sh -c TEXT [NAME [PARAMETER...]], sh FILE [PARAMETER...]: how the shell is started, and how
 * it reads what is typed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/memory.h"
#include "byre/syscall.h"
#include "user/programs/sh/sh.h"

#define TRY_AGAIN 10000000UL /* nanoseconds */
#define LINE_OWN 4096        /* bytes of input that need no malloc */

static char input_own[LINE_OWN];
static char *input = input_own;
static size_t input_size = LINE_OWN;
static bool input_ended, input_stopped; /* the end of the file; Ctrl-C */

/* Room for one byte more. returns: false: there is none */
static bool input_grow(size_t length) {
    if (length + 1 < input_size)
        return true;
    char *grown = malloc(2 * input_size);
    if (!grown)
        return false;
    memcpy(grown, input, length);
    if (input != input_own)
        free(input);
    input = grown;
    input_size *= 2;
    return true;
}

/* Add a line, byte by byte: what follows the line is for the programs that it runs. A server that
 * has no memory for our waiting may have some later. */
static bool line_read(struct source *commands) {
    if (input_ended || input_stopped)
        return false;
    if (interactive)
        (void)write(1, commands->length ? "> " : "$ ", 2);
    for (;;) {
        if (!input_grow(commands->length))
            fail(2, "out of memory");
        commands->text = input;
        ssize_t part = read(0, input + commands->length, 1);
        if (part < 0 && errno == ENOMEM) {
            (void)sys_sleep(TRY_AGAIN);
            continue;
        }
        input_stopped = part < 0 && errno == EINTR;
        input_ended = part <= 0 && !input_stopped;
        if (part <= 0)
            return false;
        if (input[commands->length++] == '\n')
            return true;
    }
}

/* One complete command after the other. What is wrong with one is no reason to end. */
static int input_run(void) {
    static struct place next;
    struct room_mark mark = room_mark();
    failed = &next;
    if (place_mark(&next)) {
        run_forget();
        room_release(mark);
        if (!interactive)
            exit(status);
    }
    while (!input_ended) {
        struct source commands = {.text = input, .more = line_read};
        bool ended;
        input_stopped = interrupted = false;
        jobs_collect();
        source = &commands;
        struct node *node = parse(&ended);
        source = NULL;
        if (node)
            run(node);
        room_release(mark);
    }
    return status;
}

static void environment_take(char **envp) {
    for (; *envp; envp++) {
        const char *value = assignment_value(*envp);
        if (!value)
            continue;
        char *name = room_text(*envp, (size_t)(value - *envp - 1));
        variable_set(name, value);
        variable_export(name);
    }
}

/* The first shell begins without an environment. */
static void default_set(const char *name, const char *value) {
    if (variable_get(name))
        return;
    variable_set(name, value);
    variable_export(name);
}

static void parameters_take(int argc, char **argv) {
    if (argc > 0)
        shell_name = argv[0];
    parameters = first_parameters = (struct parameters){argv + (argc > 0), argc > 0 ? argc - 1 : 0};
}

/* Job control and the power switch are for this shell, and for nothing that it starts. */
static void rights_keep(void) {
    (void)sys_handle_flags(HANDLE_CONSOLE, HANDLE_CLOEXEC);
    (void)sys_handle_flags(HANDLE_POWER, HANDLE_CLOEXEC);
}

/* The shell is whom one asks to end the program that took all memory: it keeps its own. Orphans of
 * what a user started stay in that user's reach. */
int main(int argc, char **argv, char **envp) {
    static struct place end;
    (void)memory_fill();
    rights_keep();
    failed = &end;
    if (place_mark(&end))
        return status;
    shell_pid = (int)getpid();
    environment_take(envp);
    default_set("PATH", "/bin");
    default_set("HOME", "/");
    default_set("TERM", "vt100");
    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        parameters_take(argc - 3, argv + 3);
        run_text(argv[2]);
        fflush(stdout);
        return status;
    }
    if (argc > 1) {
        parameters_take(argc - 1, argv + 1);
        return run_file(argv[1]);
    }
    interactive = isatty(0);
    if (interactive)
        (void)sys_adopt(1);
    return input_run();
}
