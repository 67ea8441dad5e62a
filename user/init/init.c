/* init, process 1: brings up user land and keeps a shell running.
 *
 * The servers are started straight from the archive's memory, before there is a file system;
 * then the archive is unpacked through the ramfs protocol like any program's files, and let go.
 * Every wait of init's also reaps orphans. */
#include "byre/handles.h"
#include "byre/memory.h"
#include "byre/protocol.h"
#include "byre/syscall.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "user/init/archive.h"
#include "user/init/files.h"
#include "user/runtime/memory.h"
#include "user/runtime/start.h"

#define SERVERS 3
#define PORT_NUMBER_LEAST 300
#define DIRECTORY_MODE 0755
#define FILE_MODE_MOST 0755    /* of the archive's bits */
#define OUTPUT_BEGINS "\x02\n" /* ./byre run -c drops all output up to this line */
#define FILES_WANTED_MAX 16

enum { RAMFS, PIPE, CONSOLE };

static struct {
    struct archive archive;
    int log, power, device, interrupt;
    const char *command;            /* NULL: interactive */
    bool quiet;                     /* say nothing when all is well */
    bool transparent;               /* input is bytes and not keys */
    char *wanted[FILES_WANTED_MAX]; /* MARK:PATH of files to print when the command has ended */
    int nwanted;
    long server_pid[SERVERS];
} boot = {.log = -1, .power = -1, .device = -1, .interrupt = -1};

static const char *const server_names[SERVERS] = {"ramfs", "pipe", "console"};

__attribute__((format(printf, 1, 2))) static void report(const char *format, ...) {
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    size_t length = format_arguments(line, sizeof line, format, arguments);
    va_end(arguments);
    if (boot.log >= 0)
        (void)sys_log(boot.log, line, min_u64(length, sizeof line - 1));
}

_Noreturn static void power_off(int status) {
    (void)sys_power_off(boot.power, status);
    sys_exit(status);
}

__attribute__((format(printf, 1, 2))) _Noreturn static void give_up(const char *format, ...) {
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    (void)format_arguments(line, sizeof line, format, arguments);
    va_end(arguments);
    report("init: %s; cannot go on\n", line);
    power_off(1);
}

/* What the errors of opening, writing and exec mean, as far as they are to be expected. */
static const char *error_text(long error) {
    switch (error) {
    case -ENOENT:
        return "no such file";
    case -ENOMEM:
        return "out of memory";
    case -ENOSPC:
        return "no space left";
    case -ENOEXEC:
        return "not a program";
    case -EISDIR:
    case -ENOTDIR:
        return "a file and a directory of one name";
    case -EINVAL:
        return "not a file and not a directory";
    default:
        return "an error";
    }
}

/* ---- What the kernel told ---- */

static void bootarg_read(char *word) {
    if (string_equal(word, "quiet"))
        boot.quiet = true;
    else if (string_equal(word, "stdin"))
        boot.transparent = true;
    else if (string_starts_with(word, "get=") && word[string_find(word, ':')] &&
             boot.nwanted < FILES_WANTED_MAX)
        boot.wanted[boot.nwanted++] = word + string_length("get=");
    else
        report("init: unknown boot argument: %s\n", word);
}

static void bootargs_read(char *text) {
    for (text += string_span(text, ' '); *text; text += string_span(text, ' ')) {
        if (string_starts_with(text, "command=")) {
            boot.command = text + string_length("command=");
            return;
        }
        char *word = text;
        text += string_find(text, ' ');
        if (*text)
            *text++ = 0;
        bootarg_read(word);
    }
}

/* Two numbers with a colon between them. => whether they are there */
static bool pair_read(const char *text, unsigned base, uint64_t *first, uint64_t *second) {
    if (!text)
        return false;
    text = string_number(text, base, first);
    return *text == ':' && string_number(text + 1, 10, second) > text + 1;
}

static void arguments_read(void) {
    uint64_t address, nbytes, device, interrupt;
    boot.log = (int)argument_number("log");
    boot.power = (int)argument_number("power");
    if (pair_read(argument_text("initrd"), 16, &address, &nbytes))
        boot.archive = (struct archive){(const char *)address, nbytes};
    if (pair_read(argument_text("uart"), 10, &device, &interrupt)) {
        boot.device = (int)device;
        boot.interrupt = (int)interrupt;
    }
    if (argument_text("bootargs"))
        bootargs_read((char *)argument_text("bootargs")); /* our own stack holds it */
}

/* ---- Files ---- */

/* => the last name in the path */
static const char *name_of(const char *path) {
    const char *name = path;
    for (; *path; path++)
        if (*path == '/')
            name = path + 1;
    return name;
}

static bool archive_find(const char *name, struct member *member) {
    size_t offset = 0;
    int more;
    while ((more = archive_next(&boot.archive, &offset, member)) > 0)
        if (string_equal(name_of(member->name), name))
            return true;
    if (more < 0)
        give_up("the initrd is broken at byte %zu", offset);
    return false;
}

/* Directories above the name are made as needed: the archive may not list them. */
static void parents_make(char *path) {
    for (size_t i = 1; path[i]; i++) {
        if (path[i] != '/')
            continue;
        path[i] = 0;
        (void)directory_make(path, DIRECTORY_MODE);
        path[i] = '/';
    }
}

/* => whether all of it is there */
static bool member_unpack(const struct member *member) {
    char path[sizeof member->name + 1];
    long error = -EINVAL;
    (void)format_string(path, sizeof path, "/%s", member->name);
    parents_make(path);
    if (member->kind == MEMBER_FILE)
        error = file_put(path, member->mode & FILE_MODE_MOST, member->bytes, member->nbytes);
    else if (member->kind == MEMBER_DIRECTORY)
        error = directory_make(path, DIRECTORY_MODE);
    if (error == -EEXIST && member->kind == MEMBER_DIRECTORY)
        error = 0;
    if (error)
        report("init: cannot unpack %s: %s (%ld)\n", path, error_text(error), error);
    return !error;
}

/* => how many files there were; -1 when not all of the archive was unpacked, which it has told */
static int archive_unpack(void) {
    struct member member;
    size_t offset = 0;
    int more, nfiles = 0;
    bool whole = true;
    while ((more = archive_next(&boot.archive, &offset, &member)) > 0) {
        whole &= member_unpack(&member);
        nfiles += member.kind == MEMBER_FILE;
    }
    if (more < 0)
        report("init: the initrd is broken at byte %zu; what follows is lost\n", offset);
    uint64_t start = page_round_down((uintptr_t)boot.archive.bytes);
    uint64_t end = page_round_up((uintptr_t)boot.archive.bytes + boot.archive.nbytes);
    (void)sys_unmap(start, end - start);
    return whole && more == 0 ? nfiles : -1;
}

/* ---- Servers ---- */

static size_t argument_add(char *block, size_t used, size_t size, const char *name, int number) {
    ((struct argument_block *)block)->argc++;
    return used + format_string(block + used, size - used, "%s=%d", name, number) + 1;
}

/* In the child: become the server. Only what it needs goes on through exec. */
_Noreturn static void server_exec(const struct member *image, int which, int port) {
    char block[256] __attribute__((aligned(8)));
    size_t used = sizeof(struct argument_block);
    *(struct argument_block *)block = (struct argument_block){.argc = 1};
    used += format_string(block + used, sizeof block - used, "%s", server_names[which]) + 1;
    used = argument_add(block, used, sizeof block, "port", port);
    if (which == CONSOLE) {
        used = argument_add(block, used, sizeof block, "device", boot.device);
        used = argument_add(block, used, sizeof block, "interrupt", boot.interrupt);
        used = argument_add(block, used, sizeof block, "plain", boot.command || boot.transparent);
        used = argument_add(block, used, sizeof block, "transparent", boot.transparent);
        (void)sys_handle_flags(boot.device, 0);
        (void)sys_handle_flags(boot.interrupt, 0);
    }
    (void)sys_handle_flags(port, 0);
    long error = sys_exec(image->bytes, image->nbytes, block, used);
    report("init: cannot start %s: %s (%ld)\n", server_names[which], error_text(error), error);
    sys_exit(127);
}

/* Out of the way of the numbers that sessions are placed at. Exec closes it. */
static long port_create(void) {
    long port = sys_port_create();
    if (port < 0)
        return port;
    long moved = sys_handle_dup((int)port, PORT_NUMBER_LEAST, HANDLE_CLOEXEC);
    (void)sys_handle_close((int)port);
    return moved;
}

/* => the server's port; the caller makes its sessions and closes it */
static int server_start(int which) {
    struct member image;
    if (!archive_find(server_names[which], &image))
        give_up("the initrd has no %s", server_names[which]);
    long port = port_create();
    if (port < 0)
        give_up("no port for %s", server_names[which]);
    boot.server_pid[which] = fork_filled();
    if (boot.server_pid[which] < 0)
        give_up("no memory for %s", server_names[which]);
    if (boot.server_pid[which] == 0)
        server_exec(&image, which, (int)port);
    return (int)port;
}

/* A session at a number that programs know. Until the shell starts, exec closes it. */
static void session_place(int port, uint64_t badge, int number) {
    long session = sys_session_create(port, badge);
    if (session < 0 || sys_handle_dup((int)session, number, HANDLE_DUP_AT | HANDLE_CLOEXEC) < 0)
        give_up("no session for handle %d", number);
    if (session != number)
        (void)sys_handle_close((int)session);
}

static void servers_start(void) {
    const int private[] = {boot.log, boot.power, boot.device, boot.interrupt};
    for (size_t i = 0; i < sizeof private / sizeof *private; i++)
        if (private[i] >= 0)
            (void)sys_handle_flags(private[i], HANDLE_CLOEXEC);
    int port = server_start(CONSOLE);
    for (int number = 0; number <= 2; number++)
        session_place(port, 1, number);
    session_place(port, 0, HANDLE_CONSOLE);
    (void)sys_handle_close(port);
    port = server_start(RAMFS);
    session_place(port, 0, HANDLE_ROOT);
    session_place(port, 0, HANDLE_CURRENT);
    (void)sys_handle_close(port);
    port = server_start(PIPE);
    session_place(port, 0, HANDLE_PIPE);
    (void)sys_handle_close(port);
}

/* ---- The shell ---- */

#define SECOND 1000000000UL

/* A child that is not the shell has ended. */
static void tell_server(long pid, int status) {
    for (int i = 0; i < SERVERS; i++)
        if (pid == boot.server_pid[i])
            report("init: the server %s ended with status %#x\n", server_names[i], status);
}

/* Somebody has taken all memory, and may give it back: orphans that end do. */
static void memory_wait(const char *what) {
    int status;
    long pid;
    report("init: no memory for %s; trying again\n", what);
    (void)sys_sleep(SECOND);
    while ((pid = sys_wait(-1, &status, WAIT_NO_HANG)) > 0)
        tell_server(pid, status);
}

/* An interactive shell says by itself whom Ctrl-C ends; a command is what it ends. */
static void foreground_join(void) {
    long process = sys_process_open((int)sys_getpid());
    long words[4] = {OP_FOREGROUND, 1, 0, process};
    if (process >= 0)
        (void)sys_call(HANDLE_CONSOLE, words, NULL, 0, NULL, 0, MESSAGE_HANDLE);
}

_Noreturn static void program_begin(const char *path, const char *const *words, uint32_t nwords) {
    long error;
    for (int number = 0; number <= 2; number++)
        (void)sys_handle_flags(number, 0);
    for (int number = HANDLE_ROOT; number <= HANDLE_POWER; number++)
        (void)sys_handle_flags(number, 0);
    while ((error = program_exec(path, words, nwords)) == -ENOMEM)
        memory_wait(path);
    report("init: cannot run %s: %s (%ld)\n", path, error_text(error), error);
    sys_exit(127);
}

_Noreturn static void shell_exec(void) {
    const char *words[] = {"sh", "-c", boot.command};
    if (boot.command)
        foreground_join();
    program_begin("/bin/sh", words, boot.command ? 3 : 1);
}

/* => on both sides, as fork has it; it waits for memory */
static long program_fork(const char *what) {
    long pid;
    while ((pid = fork_filled()) < 0)
        memory_wait(what);
    return pid;
}

/* Wait for a program, reaping whatever else ends. => its wait status */
static int program_wait(long program) {
    for (;;) {
        int status;
        long pid = sys_wait(-1, &status, 0);
        if (pid < 0)
            give_up("a program is lost");
        if (pid == program)
            return status;
        tell_server(pid, status);
    }
}

/* To the terminal, as any program writes. */
static void output_write(const char *text) {
    size_t nbytes = string_length(text);
    long words[4] = {OP_WRITE, (long)nbytes, PROTOCOL_CURRENT};
    (void)sys_call(1, words, text, nbytes, NULL, 0, 0);
}

/* A file that ./byre run --get is to bring back: in base64, between lines that hold its mark, the
 * last one with the wait status of the program that printed it. */
static void file_print(char *wanted) {
    char line[100];
    size_t length = string_find(wanted, ':');
    const char *words[] = {"base64", wanted + length + 1};
    (void)format_string(line, sizeof line, "\x03%.*s\n", (int)length, wanted);
    output_write(line);
    long pid = program_fork("base64");
    if (pid == 0)
        program_begin("/bin/base64", words, 2);
    int status = program_wait(pid);
    (void)format_string(line, sizeof line, "\x03%.*s %d\n", (int)length, wanted, status);
    output_write(line);
}

/* The command has ended, and so does the machine. */
_Noreturn static void command_ended(int status) {
    for (int i = 0; i < boot.nwanted; i++)
        file_print(boot.wanted[i]);
    int signal = status & 127;
    power_off(signal ? 128 + signal : status >> 8 & 255);
}

/* A shell that ended by itself ends the machine. */
static void shell_ended(int status) {
    int signal = status & 127;
    if (!signal)
        power_off(status >> 8 & 255);
    report("init: the shell was ended by signal %d; starting another\n", signal);
    if (signal == SIGNAL_KILL) /* as no memory does: not at once again */
        (void)sys_sleep(SECOND);
}

static void shell_run(void) {
    long shell = program_fork("the shell");
    if (shell == 0)
        shell_exec();
    int status = program_wait(shell);
    if (boot.command)
        command_ended(status);
    shell_ended(status);
}

int main(void) {
    arguments_read();
    if (!boot.archive.nbytes)
        give_up("there is no initrd, so no programs");
    if (boot.device < 0)
        give_up("the machine has no serial port that we know");
    if (memory_fill() < 0)
        give_up("there is no memory");
    servers_start();
    int nfiles = archive_unpack();
    if (nfiles < 0 && boot.command)
        give_up("a command wants all of its files");
    if (!boot.quiet)
        report("init: %d files unpacked; started ramfs (%ld), pipe (%ld), console (%ld)\n", nfiles,
               boot.server_pid[RAMFS], boot.server_pid[PIPE], boot.server_pid[CONSOLE]);
    if (boot.command)
        output_write(OUTPUT_BEGINS);
    for (;;)
        shell_run();
}
