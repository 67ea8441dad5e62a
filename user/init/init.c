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

enum { RAMFS, PIPE, CONSOLE };

static struct {
    struct archive archive;
    int log, power, device, interrupt;
    const char *command; /* NULL: interactive */
    bool quiet;          /* say nothing when all is well */
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
    default:
        return "an error";
    }
}

/* ---- What the kernel told ---- */

static void bootargs_read(const char *text) {
    for (text += string_span(text, ' '); *text; text += string_span(text, ' ')) {
        if (string_starts_with(text, "command=")) {
            boot.command = text + string_length("command=");
            return;
        }
        size_t length = string_find(text, ' ');
        if (length == 5 && string_starts_with(text, "quiet"))
            boot.quiet = true;
        else
            report("init: unknown boot argument: %.*s\n", (int)length, text);
        text += length;
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
        bootargs_read(argument_text("bootargs"));
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

/* => whether it is a file, and all of it is there */
static bool member_unpack(const struct member *member) {
    char path[sizeof member->name + 1];
    (void)format_string(path, sizeof path, "/%s", member->name);
    parents_make(path);
    if (member->kind == MEMBER_DIRECTORY)
        (void)directory_make(path, DIRECTORY_MODE);
    if (member->kind != MEMBER_FILE)
        return false;
    long error = file_put(path, member->mode & FILE_MODE_MOST, member->bytes, member->nbytes);
    if (error)
        report("init: cannot unpack %s: %s (%ld)\n", path, error_text(error), error);
    return !error;
}

/* => how many files there were */
static int archive_unpack(void) {
    struct member member;
    size_t offset = 0;
    int more, nfiles = 0;
    while ((more = archive_next(&boot.archive, &offset, &member)) > 0)
        nfiles += member_unpack(&member);
    if (more < 0)
        report("init: the initrd is broken at byte %zu; what follows is lost\n", offset);
    uint64_t start = page_round_down((uintptr_t)boot.archive.bytes);
    uint64_t end = page_round_up((uintptr_t)boot.archive.bytes + boot.archive.nbytes);
    (void)sys_unmap(start, end - start);
    return nfiles;
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

_Noreturn static void shell_exec(void) {
    if (boot.command)
        foreground_join();
    for (int number = 0; number <= 2; number++)
        (void)sys_handle_flags(number, 0);
    for (int number = HANDLE_ROOT; number <= HANDLE_POWER; number++)
        (void)sys_handle_flags(number, 0);
    const char *words[] = {"sh", "-c", boot.command};
    long error;
    while ((error = program_exec("/bin/sh", words, boot.command ? 3 : 1)) == -ENOMEM)
        memory_wait("/bin/sh");
    report("init: cannot run /bin/sh: %s (%ld)\n", error_text(error), error);
    sys_exit(127);
}

/* Wait for the shell, reaping whatever else ends. => its wait status */
static int shell_wait(long shell) {
    for (;;) {
        int status;
        long pid = sys_wait(-1, &status, 0);
        if (pid < 0)
            give_up("the shell is lost");
        if (pid == shell)
            return status;
        tell_server(pid, status);
    }
}

/* A shell that ended by itself ends the machine, and so does whatever ended a command. */
static void shell_ended(int status) {
    int signal = status & 127;
    if (!signal)
        power_off(status >> 8 & 255);
    if (boot.command)
        power_off(128 + signal);
    report("init: the shell was ended by signal %d; starting another\n", signal);
    if (signal == SIGNAL_KILL) /* as no memory does: not at once again */
        (void)sys_sleep(SECOND);
}

static void shell_run(void) {
    long shell;
    while ((shell = fork_filled()) < 0)
        memory_wait("the shell");
    if (shell == 0)
        shell_exec();
    shell_ended(shell_wait(shell));
}

/* ./byre run -c drops all output before this. */
static void output_begin(void) {
    long words[4] = {OP_WRITE, sizeof OUTPUT_BEGINS - 1, PROTOCOL_CURRENT};
    (void)sys_call(1, words, OUTPUT_BEGINS, sizeof OUTPUT_BEGINS - 1, NULL, 0, 0);
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
    if (!boot.quiet)
        report("init: %d files unpacked; started ramfs (%ld), pipe (%ld), console (%ld)\n", nfiles,
               boot.server_pid[RAMFS], boot.server_pid[PIPE], boot.server_pid[CONSOLE]);
    if (boot.command)
        output_begin();
    for (;;)
        shell_run();
}
