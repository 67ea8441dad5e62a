/* init, process 1: brings up user land and keeps a shell running.
 *
 * The servers are started straight from the archive's memory, before there is a file system;
 * then the archive is unpacked through the ramfs protocol like any program's files, and let go.
 * The archive is a ustar file and may be hostile: every length is checked against what is left.
 * Every wait of init's also reaps orphans. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byre/handles.h"
#include "byre/memory.h"
#include "byre/protocol.h"
#include "byre/syscall.h"

#define BLOCK 512
#define SERVERS 3
#define PORT_NUMBER_LEAST 300
#define OUTPUT_BEGINS "\x02\n" /* ./byre run -c drops all output up to this line */

enum { RAMFS, PIPE, CONSOLE };

static struct {
    const char *archive;
    size_t archive_bytes;
    int log, power, device, interrupt;
    const char *command; /* NULL: interactive */
    bool quiet;          /* say nothing when all is well */
    int server_pid[SERVERS];
} boot = {.log = -1, .power = -1, .device = -1, .interrupt = -1};

static const char *const server_names[SERVERS] = {"ramfs", "pipe", "console"};

__attribute__((format(printf, 1, 2))) static void report(const char *format, ...) {
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof line)
        length = sizeof line - 1;
    if (boot.log >= 0)
        (void)sys_log(boot.log, line, (size_t)length);
}

_Noreturn static void power_off(int status) {
    (void)sys_power_off(boot.power, status);
    _exit(status);
}

__attribute__((format(printf, 1, 2))) _Noreturn static void give_up(const char *format, ...) {
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    report("init: %s; cannot go on\n", line);
    power_off(1);
}

/* ---- What the kernel told ---- */

static void bootargs_read(char *text) {
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        if (strncmp(text, "command=", 8) == 0) {
            boot.command = text + 8;
            return;
        }
        size_t length = strcspn(text, " ");
        if (length == 5 && strncmp(text, "quiet", 5) == 0)
            boot.quiet = true;
        else
            report("init: unknown boot argument: %.*s\n", (int)length, text);
        text += length;
    }
}

static void arguments_read(int argc, char **argv) {
    char *bootargs = NULL, *end;
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value++)
            continue;
        if (strncmp(argv[i], "bootargs=", 9) == 0) {
            bootargs = value;
        } else if (strncmp(argv[i], "initrd=", 7) == 0) {
            boot.archive = (const char *)(uintptr_t)strtoull(value, &end, 16);
            boot.archive_bytes = *end == ':' ? strtoull(end + 1, NULL, 0) : 0;
        } else if (strncmp(argv[i], "log=", 4) == 0) {
            boot.log = atoi(value);
        } else if (strncmp(argv[i], "power=", 6) == 0) {
            boot.power = atoi(value);
        } else if (strncmp(argv[i], "uart=", 5) == 0) {
            boot.device = (int)strtol(value, &end, 0);
            boot.interrupt = *end == ':' ? (int)strtol(end + 1, NULL, 0) : -1;
        }
    }
    if (bootargs)
        bootargs_read(bootargs);
}

/* ---- The archive ---- */

struct member {
    char name[257];
    char type; /* '0' or 0 a file, '5' a directory */
    unsigned mode;
    const char *bytes;
    size_t nbytes;
};

static bool octal_read(const char *field, size_t width, uint64_t *value) {
    *value = 0;
    size_t i = 0;
    while (i < width && field[i] == ' ')
        i++;
    for (; i < width && field[i] && field[i] != ' '; i++) {
        if (field[i] < '0' || field[i] > '7')
            return false;
        *value = *value * 8 + (uint64_t)(field[i] - '0');
    }
    return true;
}

static bool checksum_is_right(const unsigned char *header) {
    uint64_t stated, sum = 0;
    if (!octal_read((const char *)header + 148, 8, &stated))
        return false;
    for (int i = 0; i < BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : header[i];
    return sum == stated;
}

/* The member at *offset; moves *offset on. => 1, 0 at the end, -EINVAL when broken */
static int member_next(size_t *offset, struct member *member) {
    size_t left = boot.archive_bytes - *offset;
    const char *header = boot.archive + *offset;
    uint64_t nbytes, mode;
    if (left < BLOCK)
        return left ? -EINVAL : 0;
    if (!header[0])
        return 0;
    if (memcmp(header + 257, "ustar", 5) || !checksum_is_right((const unsigned char *)header) ||
        !octal_read(header + 124, 12, &nbytes) || !octal_read(header + 100, 8, &mode))
        return -EINVAL;
    if (nbytes > left - BLOCK)
        return -EINVAL;
    bool prefixed = header[345] && memcmp(header + 257, "ustar\0", 6) == 0;
    snprintf(member->name, sizeof member->name, "%.*s%s%.100s", prefixed ? 155 : 0, header + 345,
             prefixed ? "/" : "", header);
    member->type = header[156];
    member->mode = (unsigned)mode & 0777;
    member->bytes = header + BLOCK;
    member->nbytes = nbytes;
    size_t whole = (nbytes + BLOCK - 1) / BLOCK * BLOCK;
    *offset += BLOCK + (whole < left - BLOCK ? whole : left - BLOCK);
    return 1;
}

static bool archive_find(const char *name, struct member *member) {
    size_t offset = 0;
    int more;
    while ((more = member_next(&offset, member)) > 0) {
        const char *last = strrchr(member->name, '/');
        if (strcmp(last ? last + 1 : member->name, name) == 0)
            return true;
    }
    if (more < 0)
        give_up("the initrd is broken at byte %zu", offset);
    return false;
}

/* => whether all of it is there */
static bool file_write(const struct member *member, const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, member->mode);
    size_t done = 0;
    while (file >= 0 && done < member->nbytes) {
        ssize_t part = write(file, member->bytes + done, member->nbytes - done);
        if (part <= 0)
            break;
        done += (size_t)part;
    }
    bool whole = file >= 0 && done == member->nbytes;
    if (!whole)
        report("init: cannot unpack %s: %s\n", path, strerror(errno));
    if (file >= 0)
        close(file);
    return whole;
}

/* Directories above the name are made as needed: the archive may not list them. */
static void parents_make(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        (void)mkdir(path, 0755);
        *slash = '/';
    }
}

/* => how many files there were */
static int archive_unpack(void) {
    struct member member;
    size_t offset = 0;
    int more, nfiles = 0;
    while ((more = member_next(&offset, &member)) > 0) {
        char path[sizeof member.name + 1];
        snprintf(path, sizeof path, "/%s", member.name);
        parents_make(path);
        if (member.type == '5')
            (void)mkdir(path, 0755);
        else if (member.type == '0' || member.type == 0)
            nfiles += file_write(&member, path);
    }
    if (more < 0)
        report("init: the initrd is broken at byte %zu; what follows is lost\n", offset);
    size_t pages = (boot.archive_bytes + USER_PAGE_SIZE - 1) & ~(size_t)(USER_PAGE_SIZE - 1);
    (void)sys_unmap((uintptr_t)boot.archive & ~(uintptr_t)(USER_PAGE_SIZE - 1), pages);
    return nfiles;
}

/* ---- Servers ---- */

/* In the child: become the server. Only what it needs goes on through exec. */
_Noreturn static void server_exec(const struct member *image, int which, int port) {
    char block[256];
    struct argument_block head = {.argc = which == CONSOLE ? 4 : 2};
    size_t used = sizeof head;
    memcpy(block, &head, sizeof head);
    used += (size_t)sprintf(block + used, "%s", server_names[which]) + 1;
    used += (size_t)sprintf(block + used, "port=%d", port) + 1;
    if (which == CONSOLE) {
        used += (size_t)sprintf(block + used, "device=%d", boot.device) + 1;
        used += (size_t)sprintf(block + used, "interrupt=%d", boot.interrupt) + 1;
        (void)sys_handle_flags(boot.device, 0);
        (void)sys_handle_flags(boot.interrupt, 0);
    }
    (void)sys_handle_flags(port, 0);
    long error = sys_exec(image->bytes, image->nbytes, block, used);
    report("init: cannot start %s: %s\n", server_names[which], strerror((int)-error));
    _exit(127);
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
    boot.server_pid[which] = fork();
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
static void tell_server(int pid, int status) {
    for (int i = 0; i < SERVERS; i++)
        if (pid == boot.server_pid[i])
            report("init: the server %s ended with status %#x\n", server_names[i], status);
}

/* Somebody has taken all memory, and may give it back: orphans that end do. */
static void memory_wait(const char *what) {
    int status, pid;
    report("init: no memory for %s; trying again\n", what);
    (void)sys_sleep(SECOND);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        tell_server(pid, status);
}

/* An interactive shell says by itself whom Ctrl-C ends; a command is what it ends. */
static void foreground_join(void) {
    long process = sys_process_open((int)getpid());
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
    char *interactive[] = {"sh", NULL};
    char *once[] = {"sh", "-c", (char *)boot.command, NULL};
    while (execv("/bin/sh", boot.command ? once : interactive) < 0 && errno == ENOMEM)
        memory_wait("/bin/sh");
    report("init: cannot run /bin/sh: %s\n", strerror(errno));
    _exit(127);
}

/* Wait for the shell, reaping whatever else ends. => its wait status */
static int shell_wait(int shell) {
    for (;;) {
        int status, pid = waitpid(-1, &status, 0);
        if (pid < 0)
            give_up("the shell is lost");
        if (pid == shell)
            return status;
        tell_server(pid, status);
    }
}

int main(int argc, char **argv) {
    arguments_read(argc, argv);
    if (!boot.archive || !boot.archive_bytes)
        give_up("there is no initrd, so no programs");
    if (boot.device < 0 || boot.interrupt < 0)
        give_up("the machine has no serial port that we know");
    if (memory_fill() < 0)
        give_up("there is no memory");
    servers_start();
    int nfiles = archive_unpack();
    if (!boot.quiet)
        report("init: %d files unpacked; started ramfs (%d), pipe (%d), console (%d)\n", nfiles,
               boot.server_pid[RAMFS], boot.server_pid[PIPE], boot.server_pid[CONSOLE]);
    if (boot.command)
        (void)write(1, OUTPUT_BEGINS, sizeof OUTPUT_BEGINS - 1);
    for (;;) {
        int shell;
        while ((shell = fork()) < 0)
            memory_wait("the shell");
        if (shell == 0)
            shell_exec();
        int status = shell_wait(shell);
        if (WIFEXITED(status))
            power_off(WEXITSTATUS(status));
        if (boot.command)
            power_off(128 + WTERMSIG(status));
        report("init: the shell was ended by signal %d; starting another\n", WTERMSIG(status));
        if (WTERMSIG(status) == SIGNAL_KILL) /* as no memory does: not at once again */
            (void)sys_sleep(SECOND);
    }
}
