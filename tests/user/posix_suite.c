/* POSIX in tables: streams, time, environment, options of a command line, limits. */
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/posix.h"

static char text[256];
static FILE *stream;

/* ---- Streams ---- */

static void stream_modes(void) {
    static const struct {
        const char *mode;
        int error;        /* 0: it opens */
        long at;          /* where it stands then */
        const char *left; /* what the file is after "XY" is written; NULL: that fails */
    } rows[] = {
        {"r", 0, 0, NULL},       {"rb", 0, 0, NULL},     {"w", 0, 0, "XY"},
        {"a", 0, 0, "abcdXY"},   {"r+", 0, 0, "XYcd"},   {"r+b", 0, 0, "XYcd"},
        {"rb+", 0, 0, "XYcd"},   {"w+", 0, 0, "XY"},     {"a+", 0, 0, "abcdXY"},
        {"wx", EEXIST, 0, NULL}, {"z", EINVAL, 0, NULL},
    };
    for (size_t i = 0; i < array_length(rows); i++) {
        CHECK_EQUAL(0, file_put("f", "abcd"));
        errno = 0;
        stream = fopen("f", rows[i].mode);
        CHECK_EQUAL(rows[i].error, stream ? 0 : errno);
        if (!stream)
            continue;
        CHECK_EQUAL(rows[i].at, ftell(stream));
        CHECK_EQUAL(rows[i].left ? 2 : EOF, fputs("XY", stream) < 0 ? EOF : 2);
        CHECK_EQUAL(!rows[i].left, ferror(stream) != 0);
        CHECK_EQUAL(0, fclose(stream));
        CHECK(file_is("f", rows[i].left ? rows[i].left : "abcd"));
    }
    ROW(0, ENOENT, fopen("none", "r"));
    ROW(0, ENOENT, fopen("none/f", "w"));
    ROW(0, EISDIR, fopen(".", "w"));
}

static void stream_reads(void) {
    ROW(0, 0, file_put("f", "one two\n\nlast"));
    stream = fopen("f", "r");
    ROW('o', 0, getc(stream));
    ROW('X', 0, ungetc('X', stream));
    ROW(text, 0, fgets(text, 4, stream));
    ROW(0, 0, strcmp(text, "Xne"));
    ROW(1, 0, fscanf(stream, "%s", text));
    ROW(0, 0, strcmp(text, "two"));
    ROW(text, 0, fgets(text, sizeof text, stream));
    ROW(0, 0, strcmp(text, "\n"));
    ROW(8, 0, ftell(stream));
    char *line = NULL;
    size_t room = 0;
    ROW(1, 0, getline(&line, &room, stream));
    ROW(4, 0, getline(&line, &room, stream));
    ROW(0, 0, strcmp(line, "last"));
    ROW(-1, 0, getline(&line, &room, stream));
    ROW(1, 0, feof(stream) != 0);
    ROW(EOF, 0, getc(stream));
    ROW(0, 0, fgets(text, sizeof text, stream));
    clearerr(stream);
    ROW(0, 0, feof(stream) || ferror(stream));
    ROW(0, 0, fseek(stream, -4, SEEK_END));
    ROW(2, 0, fread(text, 2, 3, stream));
    ROW(0, 0, memcmp(text, "last", 4));
    ROW(-1, EINVAL, fseek(stream, -1, SEEK_SET));
    rewind(stream);
    ROW('o', 0, getc(stream));
    ROW(1, 0, putc('x', stream) == EOF && ferror(stream));
    ROW(0, 0, fclose(stream));
    free(line);
}

/* More than any buffer takes. => EOF when one is refused */
static int lines_put(FILE *file) {
    int result = 0;
    for (int i = 0; i < 10000 && result >= 0; i++)
        result = fputs("a line\n", file);
    return result;
}

static void stream_buffers(void) {
    int ends[2];
    stream = fopen("f", "w+");
    ROW(3, 0, fprintf(stream, "%d%c", 12, '3'));
    ROW(1, 0, file_is("f", ""));
    ROW(0, 0, fflush(stream));
    ROW(1, 0, file_is("f", "123"));
    ROW(0, 0, fseek(stream, 1, SEEK_SET));
    ROW('2', 0, getc(stream));
    ROW(0, 0, fseek(stream, 0, SEEK_CUR));
    ROW('X', 0, putc('X', stream));
    ROW(0, 0, fflush(NULL));
    ROW(1, 0, file_is("f", "12X"));
    ROW(0, 0, setvbuf(stream, NULL, _IOLBF, 0));
    ROW(1, 0, fputs("a\nb", stream) >= 0);
    ROW(1, 0, file_is("f", "12Xa\n") || file_is("f", "12Xa\nb"));
    ROW(0, 0, fclose(stream));
    ROW(1, 0, file_is("f", "12Xa\nb"));
    ROW(0, 0, pipe(ends));
    stream = fdopen(ends[1], "w");
    ROW(0, 0, close(ends[0]));
    ROW(SIG_DFL, 0, signal(SIGPIPE, SIG_IGN));
    ROW(EOF, EPIPE, lines_put(stream));
    ROW(1, 0, ferror(stream) != 0);
    ROW(0, 0, fclose(stream));
    stream = fopen("f", "a+");
    ROW(0, 0, fseek(stream, 0, SEEK_SET));
    ROW('1', 0, getc(stream));
    ROW(0, 0, fseek(stream, 0, SEEK_SET));
    ROW('z', 0, putc('z', stream));
    ROW(0, 0, fclose(stream));
    ROW(1, 0, file_is("f", "12Xa\nbz"));
}

/* A program that reads one line leaves the rest to the next on the same descriptor. */
static void stream_shares(void) {
    ROW(0, 0, file_put("f", "first\nsecond\nthird\n"));
    int file = open("f", O_RDONLY);
    ROW(0, 0, dup2(file, 0));
    ROW(text, 0, fgets(text, sizeof text, stdin));
    ROW(0, 0, fflush(stdin));
    ROW(1, 0, next_is(file, "second\n"));
    ROW(text, 0, fgets(text, sizeof text, stdin));
    ROW(0, 0, strcmp(text, "third\n"));
    stream = freopen("g", "w", stdout);
    ROW(stdout, 0, stream);
    ROW(1, 0, fileno(stdout));
    printf("to g");
    ROW(0, 0, system("echo from a child >>g"));
    ROW(0, 0, fflush(stdout));
    ROW(1, 0, file_is("g", "to gfrom a child\n") || file_is("g", "to g a child\n"));
}

static void stream_others(void) {
    stream = tmpfile();
    ROW(1, 0, fputs("kept", stream) >= 0);
    rewind(stream);
    ROW(4, 0, fread(text, 1, sizeof text, stream));
    ROW(0, 0, fclose(stream));
    stream = popen("echo out; exit 3", "r");
    ROW(text, 0, fgets(text, sizeof text, stream));
    ROW(0, 0, strcmp(text, "out\n"));
    ROW(3 << 8, 0, pclose(stream));
    stream = popen("cat >f", "w");
    ROW(1, 0, fputs("in", stream) >= 0);
    ROW(0, 0, pclose(stream));
    ROW(1, 0, file_is("f", "in"));
    ROW(0, EINVAL, popen("true", "x"));
    ROW(7 << 8, 0, system("exit 7"));
    ROW(127 << 8, 0, system("/none 2>/dev/null || exit 127"));
    ROW(0, 0, remove("f"));
    ROW(-1, ENOENT, remove("f"));
    ROW(0, 0, mkdir("d", 0755));
    ROW(0, 0, remove("d"));
    char name[] = "XXXXXX";
    ROW(name, 0, mkdtemp(name));
    ROW(0, 0, rmdir(name));
    int file = open("f", O_WRONLY | O_CREAT, 0644);
    ROW(5, 0, dprintf(file, "%05d", 42));
    ROW(1, 0, file_is("f", "00042"));
}

/* ---- Environment ---- */

static void child_environment(long unused) {
    (void)unused;
    CHECK_EQUAL(0, strcmp(getenv("A"), "2"));
    CHECK_EQUAL(0, setenv("A", "child", 1));
}

static void environment(void) {
    static char put[] = "P=1";
    ROW(0, 0, getenv("A"));
    ROW(0, 0, setenv("A", "1", 0));
    ROW(0, 0, setenv("A", "x", 0));
    ROW(0, 0, strcmp(getenv("A"), "1"));
    ROW(0, 0, setenv("A", "2", 1));
    ROW(0, 0, strcmp(getenv("A"), "2"));
    ROW(0, 0, getenv("A=2"));
    ROW(0, 0, setenv("AB", "", 1));
    ROW(0, 0, *getenv("AB"));
    ROW(-1, EINVAL, setenv("", "x", 1));
    ROW(-1, EINVAL, setenv("A=B", "x", 1));
    ROW(-1, EINVAL, unsetenv(""));
    ROW(-1, EINVAL, unsetenv("A=B"));
    ROW(0, 0, child_run(child_environment, 0));
    ROW(0, 0, strcmp(getenv("A"), "2"));
    ROW(0, 0, unsetenv("A"));
    ROW(0, 0, getenv("A"));
    ROW(0, 0, unsetenv("A"));
    ROW(0, 0, putenv(put));
    put[2] = '2';
    ROW(0, 0, strcmp(getenv("P"), "2"));
    char *own[] = {"X=y", NULL};
    environ = own;
    ROW(0, 0, getenv("P"));
    ROW(0, 0, strcmp(getenv("X"), "y"));
    ROW(0, 0, setenv("Z", "1", 1));
    ROW(0, 0, strcmp(getenv("Z"), "1"));
    ROW(0, 0, strcmp(getenv("X"), "y"));
}

/* ---- Options ---- */

/* Each option as its letter, with its argument in brackets; then what is left. */
static const struct option *longs; /* NULL: getopt */

static int option_next(int argc, char *const argv[], const char *options) {
    return longs ? getopt_long(argc, argv, options, longs, NULL) : getopt(argc, argv, options);
}

static const char *options_read(const char *options, char *const argv[]) {
    char *end = text;
    int argc = 0, option;
    while (argv[argc])
        argc++;
    optind = 1;
    opterr = 0;
    while ((option = option_next(argc, argv, options)) != -1) {
        *end++ = (char)option;
        if ((option == '?' || option == ':') && optopt)
            end += sprintf(end, "(%c)", optopt);
        else if (optarg)
            end += sprintf(end, "[%s]", optarg);
        optarg = NULL;
    }
    *end++ = ' ';
    for (int i = optind; i < argc; i++)
        end += sprintf(end, "%s,", argv[i]);
    *end = 0;
    return text;
}

struct options_row {
    const char *options;
    char *argv[6];
    const char *read;
};

static void options_check(const struct options_row *row) {
    char *argv[6];
    memcpy(argv, row->argv, sizeof argv);
    const char *read = options_read(row->options, argv);
    if (strcmp(read, row->read) != 0)
        print("  expected: %s, found: %s\n", row->read, read);
    CHECK_EQUAL(0, strcmp(read, row->read));
}

static void options(void) {
    static const struct options_row rows[] = {
        {"ab", {"p", NULL}, " "},
        {"ab", {"p", "-a", "-b", "x", NULL}, "ab x,"},
        {"ab", {"p", "-ab", "x", NULL}, "ab x,"},
        {"ab:", {"p", "-ab", "x", "y", NULL}, "ab[x] y,"},
        {"b:", {"p", "-bx", "y", NULL}, "b[x] y,"},
        {"ab", {"p", "-a", "--", "-b", NULL}, "a -b,"},
        {"ab", {"p", "-", "-b", NULL}, " -,-b,"},
        {"ab", {"p", "x", "-b", NULL}, " x,-b,"},
        {"a", {"p", "-z", "-a", NULL}, "?(z)a "},
        {"a", {"p", "-:", NULL}, "?(:) "},
        {"a:", {"p", "-a", NULL}, "?(a) "},
        {":a:", {"p", "-a", NULL}, ":(a) "},
        {":a", {"p", "-z", NULL}, "?(z) "},
        {"a::b", {"p", "-ax", "-a", "b", NULL}, "a[x]a b,"},
    };
    static const struct option names[] = {{"all", no_argument, NULL, 'A'},
                                          {"file", required_argument, NULL, 'F'},
                                          {"fill", optional_argument, NULL, 'f'},
                                          {0}};
    static const struct options_row long_rows[] = {
        {"ab:", {"p", "--all", "--file", "x", "y", NULL}, "AF[x] y,"},
        {"ab:", {"p", "--file=x", "--fill=", "--fill", NULL}, "F[x]f[]f "},
        {"ab:", {"p", "x", "-ab", "y", "--al", NULL}, "ab[y]A x,"},
        {"ab:", {"p", "x", "-", "--", "-a", NULL}, " x,-,-a,"},
        {"+ab:", {"p", "-a", "x", "--all", NULL}, "a x,--all,"},
        {"ab:", {"p", "--fi", "-a", "--all=x", NULL}, "?a?(A) "},
        {":ab:", {"p", "--file", NULL}, ":(F) "},
    };
    for (size_t i = 0; i < array_length(rows); i++)
        options_check(&rows[i]);
    longs = names;
    for (size_t i = 0; i < array_length(long_rows); i++)
        options_check(&long_rows[i]);
}

/* ---- Time ---- */

static long nanoseconds(clockid_t clock) {
    struct timespec now;
    return clock_gettime(clock, &now) < 0 ? -1 : now.tv_sec * 1000000000 + now.tv_nsec;
}

static void clocks(void) {
    struct timeval now;
    struct timespec resolution;
    struct tms used;
    long before = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    CHECK(before > 0 && cpu >= 0);
    ROW(0, 0, nanosleep(&(struct timespec){0, 2000000}, NULL));
    CHECK(nanoseconds(CLOCK_MONOTONIC) >= before + 2000000);
    before = nanoseconds(CLOCK_MONOTONIC);
    ROW(0, 0, usleep(1500));
    CHECK(nanoseconds(CLOCK_MONOTONIC) >= before + 1500000);
    ROW(0, 0, sleep(0));
    ROW(-1, EINVAL, nanosleep(&(struct timespec){0, 1000000000}, NULL));
    ROW(-1, EINVAL, nanosleep(&(struct timespec){-1, 0}, NULL));
    ROW(-1, EINVAL, clock_gettime(77, &resolution));
    ROW(0, 0, clock_getres(CLOCK_MONOTONIC, &resolution));
    CHECK(resolution.tv_sec == 0 && resolution.tv_nsec > 0);
    CHECK(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) >= cpu);
    long real = nanoseconds(CLOCK_REALTIME) / 1000;
    ROW(0, 0, gettimeofday(&now, NULL));
    CHECK(now.tv_sec * 1000000L + now.tv_usec >= real && now.tv_usec < 1000000);
    CHECK(time(NULL) >= now.tv_sec);
    clock_t ticks = times(&used);
    CHECK(ticks > 0 && used.tms_utime <= ticks && used.tms_cutime == 0);
    CHECK(times(&used) >= ticks);
}

/* ---- Limits, errno ---- */

static void limits(void) {
    ROW(USER_PAGE_SIZE, 0, sysconf(_SC_PAGESIZE));
    ROW(256, 0, sysconf(_SC_OPEN_MAX));
    ROW(ARG_MAX, 0, sysconf(_SC_ARG_MAX));
    ROW(200809, 0, sysconf(_SC_VERSION));
    CHECK(sysconf(_SC_CLK_TCK) > 0 && sysconf(_SC_NPROCESSORS_ONLN) > 0);
    CHECK(sysconf(_SC_PHYS_PAGES) > sysconf(_SC_AVPHYS_PAGES));
    ROW(-1, EINVAL, sysconf(-5));
    errno = EDOM;
    CHECK_EQUAL(-1, sysconf(_SC_CHILD_MAX));
    CHECK_EQUAL(EDOM, errno);
    ROW(NAME_MAX, 0, pathconf("/", _PC_NAME_MAX));
    ROW(PIPE_BUF, 0, pathconf("/", _PC_PIPE_BUF));
}

static void users(void) {
    ROW(0, 0, getuid() | geteuid() | getgid() | getegid());
    struct passwd *user = getpwuid(getuid());
    ROW(0, 0, user ? strcmp(user->pw_name, "root") : -1);
    ROW(user, 0, getpwnam("root"));
    ROW(0, 0, getpwuid(1));
    ROW(0, 0, getpwnam("nobody"));
    struct group *group = getgrgid(getgid());
    ROW(0, 0, group ? strcmp(group->gr_name, "root") : -1);
    ROW(group, 0, getgrnam("root"));
    ROW(0, 0, setuid(0));
    ROW(-1, EPERM, setuid(1));
    ROW(-1, EPERM, setgid(1));
    ROW(0, 0, setresuid((uid_t)-1, 0, 0));
    ROW(-1, EPERM, seteuid(7));
    ROW(0, 0, chown("/", 0, (gid_t)-1));
    ROW(-1, EPERM, chown("/", 1, 0));
    ROW(-1, ENOENT, chown("/none", 0, 0));
    ROW(-1, EBADF, fchown(20, 0, 0));
}

static void child_errno(long unused) {
    (void)unused;
    CHECK_EQUAL(-1, close(99));
    CHECK_EQUAL(EBADF, errno);
}

static void error_numbers(void) {
    errno = EDOM;
    CHECK_EQUAL(0, close(dup(0)));
    CHECK_EQUAL(EDOM, errno); /* a success changes nothing */
    CHECK_EQUAL(0, child_run(child_errno, 0));
    CHECK_EQUAL(EDOM, errno);
    ROW(0, 0, strcmp(strerror(ENOENT), "No such file or directory"));
}

#define IN_A_FOLDER(name)                                                                          \
    static void test_##name(void) {                                                                \
        folder_enter();                                                                            \
        name();                                                                                    \
        folder_leave();                                                                            \
    }
IN_A_FOLDER(stream_modes)
IN_A_FOLDER(stream_reads)
IN_A_FOLDER(stream_buffers)
IN_A_FOLDER(stream_shares)
IN_A_FOLDER(stream_others)

static const struct test posix_tests[] = {
    {"stream_modes", "fopen's modes: what is made, emptied, read, written", test_stream_modes},
    {"stream_reads", "bytes, lines and words are read in order, up to the end", test_stream_reads},
    {"stream_buffers", "what is written shows when it is flushed, and not before",
     test_stream_buffers},
    {"stream_shares", "a flushed stream leaves the offset where the program stands",
     test_stream_shares},
    {"stream_others", "tmpfile, popen, system, remove, dprintf", test_stream_others},
    {"environment", "the environment is this process's own", environment},
    {"options", "getopt reads a command line as POSIX says", options},
    {"clocks", "clocks go forward, and sleep lasts", clocks},
    {"limits", "sysconf tells what holds", limits},
    {"users", "there is one user, and files are his", users},
    {"error_numbers", "errno is the last failure's", error_numbers},
    {0},
};
const struct test *const suites[] = {posix_tests, NULL};
