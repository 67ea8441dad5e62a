/* The shell's own commands: those that change the shell, or ask it something. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/syscall.h"
#include "user/programs/sh/sh.h"

static int complain(const char *command, const char *what, const char *why) {
    fprintf(stderr, "%s: %s%s%s\n", command, what, *what ? ": " : "", why);
    return 1;
}

static int colon(int argc, char **argv) {
    (void)argc, (void)argv;
    return 0;
}

static int false_command(int argc, char **argv) {
    (void)argc, (void)argv;
    return 1;
}

/* ---- Directories ---- */

static int cd(int argc, char **argv) {
    char where[PATH_MAX];
    const char *to = argc > 1 ? argv[1] : variable_get("HOME");
    bool back = to && strcmp(to, "-") == 0;
    if (back)
        to = variable_get("OLDPWD");
    if (!to && back)
        return complain("cd", "", "there is no directory before");
    if (!to)
        to = "/";
    const char *before = getcwd(where, sizeof where);
    char *kept = before ? room_text(before, strlen(before)) : NULL;
    if (chdir(to) < 0)
        return complain("cd", to, strerror(errno));
    if (kept)
        variable_set("OLDPWD", kept);
    if (getcwd(where, sizeof where))
        variable_set("PWD", where);
    if (back)
        puts(where);
    return 0;
}

static int pwd(int argc, char **argv) {
    char where[PATH_MAX];
    (void)argc, (void)argv;
    if (!getcwd(where, sizeof where))
        return complain("pwd", "", strerror(errno));
    puts(where);
    return 0;
}

static int umask_command(int argc, char **argv) {
    char *rest = "";
    mode_t mask = umask(0);
    (void)umask(argc > 1 ? (mode_t)strtol(argv[1], &rest, 8) : mask);
    if (*rest) {
        (void)umask(mask);
        return complain("umask", argv[1], "not an octal number");
    }
    if (argc == 1)
        printf("%04o\n", mask);
    return 0;
}

/* ---- Leaving ---- */

/* returns: -1: it is no number, and that was said */
static int number_of(const char *command, int argc, char **argv, int without) {
    char *rest;
    if (argc < 2)
        return without;
    long number = strtol(argv[1], &rest, 10);
    if (*argv[1] && !*rest && number >= 0 && number <= INT_MAX)
        return (int)number;
    (void)complain(command, argv[1], "not a number");
    return -1;
}

static int exit_command(int argc, char **argv) {
    int number = number_of("exit", argc, argv, status);
    if (number < 0)
        return 2;
    fflush(stdout);
    exit(number & 255);
}

static int return_command(int argc, char **argv) {
    int number = number_of("return", argc, argv, status);
    if (number >= 0)
        leaving = RETURN;
    return number < 0 ? 2 : number;
}

static int break_command(int argc, char **argv) {
    int number = number_of(argv[0], argc, argv, 1);
    if (number == 0)
        return complain(argv[0], argv[1], "at least one loop");
    if (number < 0)
        return 2;
    leaving = argv[0][0] == 'b' ? BREAK : CONTINUE;
    leaving_loops = number;
    return 0;
}

/* Only the shell has the right to. */
static int power_off(int argc, char **argv) {
    int with_status = number_of("poweroff", argc, argv, 0);
    if (with_status < 0)
        return 2;
    fflush(stdout);
    long error = sys_power_off(HANDLE_POWER, with_status);
    return complain("poweroff", "this shell was not given the right to", strerror((int)-error));
}

/* ---- Commands ---- */

static int eval(int argc, char **argv) {
    struct text text = {0};
    for (int i = 1; i < argc; i++) {
        if (i > 1)
            text_add(&text, ' ');
        text_add_all(&text, argv[i]);
    }
    status = 0;
    if (text.bytes)
        run_text(text.bytes);
    return status;
}

static int dot(int argc, char **argv) {
    if (argc < 2)
        return complain(".", "", "a file is missing");
    return run_file(argv[1]);
}

static int exec_command(int argc, char **argv) {
    if (argc == 1)
        return 0; /* its redirections stay */
    char *path = program_find(argv[1]);
    if (path)
        execve(path, argv + 1, environment());
    int missing = errno == ENOENT;
    (void)complain("exec", argv[1], missing ? "not found" : strerror(errno));
    if (!interactive)
        exit(missing ? 127 : 126);
    return missing ? 127 : 126;
}

/* command -v NAME: what would run. */
static int command_command(int argc, char **argv) {
    int failures = 0;
    if (argc < 2)
        return 0;
    if (strcmp(argv[1], "-v") != 0)
        return complain("command", argv[1], "only command -v NAME is known");
    for (int i = 2; i < argc; i++) {
        const char *path =
            function_find(argv[i]) || builtin_find(argv[i]) ? argv[i] : program_find(argv[i]);
        if (path)
            puts(path);
        failures += !path;
    }
    return failures != 0;
}

/* ---- Variables ---- */

static int export_command(int argc, char **argv) {
    char **list = argc == 1 ? environment() : NULL;
    for (; list && *list; list++)
        printf("export %s\n", *list);
    for (int i = 1; i < argc; i++) {
        const char *value = assignment_value(argv[i]);
        size_t length = value ? (size_t)(value - argv[i] - 1) : strlen(argv[i]);
        char *name = room_text(argv[i], length);
        if (!is_name(name, length))
            return complain("export", argv[i], "not the name of a variable");
        if (value)
            variable_set(name, value);
        variable_export(name);
    }
    return 0;
}

static int unset(int argc, char **argv) {
    bool functions = argc > 1 && strcmp(argv[1], "-f") == 0;
    for (int i = 1 + (functions || (argc > 1 && strcmp(argv[1], "-v") == 0)); i < argc; i++)
        if (functions)
            function_set(argv[i], NULL);
        else
            variable_unset(argv[i]);
    return 0;
}

/* Copies that stay, in one block of malloc. */
static bool parameters_set(int count, char **values) {
    static char **block;
    size_t nbytes = ((size_t)count + 1) * sizeof *values;
    for (int i = 0; i < count; i++)
        nbytes += strlen(values[i]) + 1;
    char **kept = malloc(nbytes);
    if (!kept)
        return false;
    char *to = (char *)(kept + count + 1);
    for (int i = 0; i < count; i++) {
        kept[i] = to;
        to = stpcpy(to, values[i]) + 1;
    }
    kept[count] = NULL;
    if (parameters.values == block)
        free(block);
    parameters = (struct parameters){block = kept, count};
    return true;
}

static bool option_set(const char *option) {
    bool on = *option == '-';
    for (option++; *option; option++) {
        if (*option == 'e')
            exit_on_error = on;
        else if (*option == 'u')
            expand_set_only = on;
        else if (*option == 'x')
            trace = on;
        else
            return false;
    }
    return true;
}

static int set(int argc, char **argv) {
    int i = 1;
    for (; i < argc && (*argv[i] == '-' || *argv[i] == '+') && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0)
            break;
        if (!option_set(argv[i]))
            return complain("set", argv[i], "the options are e, u and x") + 1;
    }
    bool values = i < argc;
    i += values && strcmp(argv[i], "--") == 0;
    if (values && !parameters_set(argc - i, argv + i))
        return complain("set", "", strerror(ENOMEM));
    return 0;
}

static int shift(int argc, char **argv) {
    int number = number_of("shift", argc, argv, 1);
    if (number < 0)
        return 2;
    if (number > parameters.count)
        return complain("shift", "", "there are not so many parameters");
    parameters.values += number;
    parameters.count -= number;
    return 0;
}

/* A line, byte by byte: what follows it is for others. returns: false: the end of the file came */
static bool line_read(struct text *line, bool raw) {
    char byte;
    for (;;) {
        if (read(0, &byte, 1) != 1)
            return false;
        if (byte == '\n')
            return true;
        if (byte == '\\' && !raw) {
            if (read(0, &byte, 1) != 1)
                return false;
            if (byte == '\n')
                continue;
        }
        if (byte)
            text_add(line, byte);
    }
}

static int read_command(int argc, char **argv) {
    bool raw = argc > 1 && strcmp(argv[1], "-r") == 0;
    const char *separators = variable_get("IFS");
    struct text line = {0};
    bool whole = line_read(&line, raw);
    char *text = line.bytes ? line.bytes : room_text("", 0);
    if (!separators)
        separators = " \t\n";
    for (int i = 1 + raw; i < argc; i++) {
        text += strspn(text, separators);
        char *behind = text + strcspn(text, separators);
        if (i + 1 == argc) {
            behind = text + strlen(text);
            while (behind > text && strchr(separators, behind[-1]))
                behind--;
        }
        char *rest = *behind ? behind + 1 : behind;
        *behind = 0;
        variable_set(argv[i], text);
        text = rest;
    }
    return !whole;
}

/* ---- Children ---- */

static const struct {
    const char *name;
    int number;
} signals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ABRT", SIGABRT},
               {"KILL", SIGKILL}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"PIPE", SIGPIPE},
               {"ALRM", SIGALRM}, {"TERM", SIGTERM}};

/* A name, with SIG or without, or a number. returns: -1: neither */
static int signal_of(const char *text) {
    char *rest;
    long number = strtol(text, &rest, 10);
    if (*text && !*rest)
        return (int)number;
    text += strncmp(text, "SIG", 3) == 0 ? 3 : 0;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (strcmp(text, signals[i].name) == 0)
            return signals[i].number;
    return -1;
}

/* The jobs are children of the shell: a program of that name could not end them. */
static int kill_command(int argc, char **argv) {
    int signal = SIGTERM, failed_once = 0, i = 1;
    if (argc > 2 && strcmp(argv[1], "-s") == 0)
        signal = signal_of(argv[i = 2]);
    else if (argc > 1 && argv[1][0] == '-')
        signal = signal_of(argv[1] + 1);
    else
        i = 0;
    if (signal < 0)
        return complain("kill", argv[i], "no signal that is known") + 1;
    if (++i >= argc)
        return complain("kill", "", "usage: kill [-SIGNAL] PID...") + 1;
    for (; i < argc; i++) {
        char *rest;
        long pid = strtol(argv[i], &rest, 10);
        if (!*argv[i] || *rest)
            failed_once = complain("kill", argv[i], "not a number");
        else if (kill((pid_t)pid, signal) < 0)
            failed_once = complain("kill", argv[i], strerror(errno));
    }
    return failed_once;
}

static int wait_command(int argc, char **argv) {
    int result = 0;
    if (argc == 1)
        return jobs_wait();
    for (int i = 1; i < argc && !interrupted; i++)
        result = job_status(atoi(argv[i]));
    return result;
}

/* No signal can be caught, so the only trap that would run is told of. */
static int trap_command(int argc, char **argv) {
    bool harmless = argc == 1 || strcmp(argv[1], "-") == 0 || !*argv[1];
    return harmless ? 0 : complain("trap", "", "signals cannot be caught by this shell");
}

static const struct {
    const char *name;
    builtin_function *function;
} builtins[] = {
    {":", colon},
    {".", dot},
    {"[", test_command},
    {"break", break_command},
    {"cd", cd},
    {"command", command_command},
    {"continue", break_command},
    {"eval", eval},
    {"exec", exec_command},
    {"exit", exit_command},
    {"export", export_command},
    {"false", false_command},
    {"kill", kill_command},
    {"poweroff", power_off},
    {"pwd", pwd},
    {"read", read_command},
    {"return", return_command},
    {"set", set},
    {"shift", shift},
    {"test", test_command},
    {"trap", trap_command},
    {"true", colon},
    {"umask", umask_command},
    {"unset", unset},
    {"wait", wait_command},
};

builtin_function *builtin_find(const char *name) {
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (strcmp(name, builtins[i].name) == 0)
            return builtins[i].function;
    return NULL;
}

/* ---- Functions ---- */

static struct function {
    struct function *next;
    char *name, *body;
} * functions;

const char *function_find(const char *name) {
    for (const struct function *function = functions; function; function = function->next)
        if (strcmp(function->name, name) == 0)
            return function->body;
    return NULL;
}

/* One that is replaced may be running: its text stays. */
void function_set(const char *name, const char *body) {
    struct function **link = &functions;
    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    if (*link)
        *link = (*link)->next;
    if (!body)
        return;
    struct function *function = malloc(sizeof *function);
    char *kept_name = strdup(name), *kept_body = strdup(body);
    if (!function || !kept_name || !kept_body) {
        free(function), free(kept_name), free(kept_body);
        fail(2, "out of memory");
    }
    *function = (struct function){functions, kept_name, kept_body};
    functions = function;
}
