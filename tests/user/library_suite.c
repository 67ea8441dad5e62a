/* The C library: what real programs count on, and a library may get wrong. Results are those of ISO
 * C and POSIX; costs are counts of instructions where the machine counts them (-icount), and are
 * looked at elsewhere. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/user/user.h"

#define N 4 /* threads, or writers */

/* ---- Numbers ---- */

static void rounding(void) {
    volatile double half = 4194303.5, large = 4503599627370497.5, minus = -4194303.5;
    volatile float large_float = 8388607.5f;
    CHECK(ceil(half) == 4194304 && floor(half) == 4194303 && trunc(half) == 4194303);
    CHECK(ceil(minus) == -4194303 && floor(minus) == -4194304 && trunc(minus) == -4194303);
    CHECK(trunc(large) == large && trunc(-1e300) == -1e300);
    CHECK(truncf(large_float) == 8388607 && truncf(1e30f) == 1e30f);
    for (int i = -1074; i < 1024; i++)
        CHECK_EQUAL(i, (long)log2(ldexp(1, i)));
}

static bool prints(const char *wanted, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if ((size_t)length == strlen(wanted) && strcmp(text, wanted) == 0)
        return true;
    printf("printed %s, not %s\n", text, wanted);
    return false;
}

static void formats(void) {
    int so_far = 0;
    CHECK(prints("0.00", "%.2f", 0.0049));
    CHECK(prints("0.10000000000000001", "%.17g", 0.1));
    CHECK(prints("0.1000000000000000055511151231257827021181583404541015625", "%.55f", 0.1));
    CHECK(prints("2.5 3", "%.1f %.0f", 2.45, 2.5000001));
    CHECK(prints("2 4", "%.0f %.0f", 2.5, 3.5)); /* ties go to the even digit */
    CHECK(prints("1.25 0x1.8p+0", "%.2Lf %a", 1.25L, 1.5));
    CHECK(prints("abcd", "ab%ncd", &so_far));
    CHECK_EQUAL(2, so_far);
    CHECK(prints("  -12|+7|0x1f|017", "%*d|%+d|%#x|%#o", 5, -12, 7, 31, 15));
    CHECK(prints("9223372036854775807", "%jd", (intmax_t)INT64_MAX));
}

/* => how many bytes of the text were taken as a number */
static long taken(const char *text, double wanted) {
    char *end;
    double number = strtod(text, &end);
    CHECK(number == wanted);
    return end - text;
}

static void numbers_read(void) {
    char digits[900];
    CHECK_EQUAL(5, taken("0x1.8", 1.5));
    CHECK_EQUAL(1, taken("0x", 0));
    CHECK_EQUAL(3, taken("infin", INFINITY));
    CHECK_EQUAL(8, taken("infinity", INFINITY));
    CHECK_EQUAL(2, taken("10e", 10));
    /* A digit far behind decides between two neighbours: 1 + 2^-53 and a little more. */
    const char *tie = "1.00000000000000011102230246251565404236316680908203125";
    memset(digits, '0', sizeof digits);
    memcpy(digits, tie, strlen(tie));
    digits[sizeof digits - 1] = 0;
    CHECK_EQUAL((long)sizeof digits - 1, taken(digits, 1));
    digits[sizeof digits - 2] = '1';
    CHECK_EQUAL((long)sizeof digits - 1, taken(digits, 1 + 0x1p-52));
}

static void scans(void) {
    unsigned hexadecimal = 7;
    double number = 7;
    char rest[8] = "";
    CHECK_EQUAL(0, sscanf("0x", "%x", &hexadecimal));
    CHECK_EQUAL(0, sscanf("10e", "%lf", &number));
    CHECK_EQUAL(2, sscanf("31 word", "%x %7s", &hexadecimal, rest));
    CHECK_EQUAL(0x31, hexadecimal);
    FILE *file = tmpfile();
    CHECK(file);
    fputs("12ab", file);
    rewind(file);
    CHECK_EQUAL(1, fscanf(file, "%lf", &number));
    CHECK_EQUAL('a', getc(file));
    CHECK_EQUAL(0, fscanf(file, "%lf", &number)); /* b is none: it stays */
    CHECK_EQUAL('z', ungetc('z', file));
    CHECK_EQUAL(3, ftell(file) + 1);
    CHECK_EQUAL('z', getc(file));
    CHECK_EQUAL('b', getc(file));
    CHECK_EQUAL(EOF, getc(file));
    CHECK_EQUAL(0, fclose(file));
}

/* ---- Time, patterns ---- */

static void times_and_days(void) {
    struct tm day = {0};
    CHECK(strptime("11:30 PM", "%I:%M %p", &day));
    CHECK_EQUAL(23, day.tm_hour);
    CHECK(strptime("12:05 AM", "%I:%M %p", &day));
    CHECK_EQUAL(0, day.tm_hour);
    time_t far = (time_t)1 << 60;
    errno = 0;
    CHECK(!gmtime(&far) && errno == EOVERFLOW);
    far = (time_t)1 << 35;
    CHECK(gmtime(&far) && gmtime(&far)->tm_year == 3058 - 1900);
    struct timespec nap = {0, 2000000};
    long before = sys_clock();
    CHECK_EQUAL(0, nanosleep(&nap, &nap));
    CHECK(sys_clock() - before >= 2000000);
}

static void patterns(void) {
    CHECK_EQUAL(0, fnmatch("[[:alpha:]]*", "name", 0));
    CHECK_EQUAL(FNM_NOMATCH, fnmatch("[[:alpha:]]*", "1name", 0));
    CHECK_EQUAL(0, fnmatch("a[!b-d]e", "afe", FNM_PATHNAME));
}

/* ---- Memory ---- */

/* Zeroed memory is not made before it is touched, and too much is refused and not deadly. */
static void malloc_is_lazy(void) {
    size_t before = frames_free();
    char *large = malloc(64 << 20);
    CHECK(large && before - frames_free() < 16);
    free(large);
    large = calloc(1 << 20, 32);
    CHECK(large && before - frames_free() < 16);
    free(large);
    errno = 0;
    volatile size_t too_much = (size_t)1 << 38;
    CHECK(!malloc(too_much) && errno == ENOMEM);
    char *sparse = mmap(NULL, too_much / 2, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(sparse != MAP_FAILED);
    CHECK_EQUAL(0, munmap(sparse, too_much / 2));
}

/* Blocks keep their bytes, whatever is taken and given back around them. */
static void malloc_keeps(void) {
    enum { BLOCKS = 512, STEPS = 20000 };
    static unsigned char *blocks[BLOCKS];
    static size_t sizes[BLOCKS];
    unsigned long random = 1;
    for (int step = 0; step < STEPS; step++) {
        random = random * 6364136223846793005 + 1442695040888963407;
        size_t n = random >> 33 & (BLOCKS - 1), size = random >> 48 & 2047;
        for (size_t i = 0; i < sizes[n]; i++)
            CHECK_EQUAL((unsigned char)(n + i), blocks[n][i]);
        blocks[n] = realloc(blocks[n], size + 1);
        CHECK(blocks[n]);
        for (size_t i = 0; i < size; i++)
            blocks[n][i] = (unsigned char)(n + i);
        sizes[n] = size;
    }
    for (int n = 0; n < BLOCKS; n++) {
        free(blocks[n]);
        blocks[n] = NULL;
        sizes[n] = 0;
    }
}

static _Thread_local struct { _Alignas(256) char bytes[300]; } aligned = {"first"};

static void *look_at_own(void *ignored) {
    (void)ignored;
    CHECK_EQUAL(0, (uintptr_t)&aligned % 256);
    CHECK_EQUAL(0, strcmp(aligned.bytes, "first"));
    memset(&aligned, 0xa5, sizeof aligned);
    return NULL;
}

/* Thread-local storage has the size and alignment that its variables ask for. */
static void thread_locals_aligned(void) {
    pthread_t threads[N];
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(0, pthread_create(&threads[i], NULL, look_at_own, NULL));
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(0, pthread_join(threads[i], NULL));
    (void)look_at_own(NULL);
}

/* ---- Files ---- */

#define RECORDS 50
#define RECORD 64 /* bytes, in two parts */

/* Each record of one letter, in parts. */
static void records_write(int file, char letter) {
    char bytes[RECORD];
    struct iovec parts[] = {{bytes, 20}, {NULL, 0}, {bytes + 20, RECORD - 20}};
    memset(bytes, letter, sizeof bytes);
    for (int i = 0; i < RECORDS; i++) {
        CHECK_EQUAL(RECORD, writev(file, parts, 3));
        (void)sys_yield();
    }
}

static void append_records(long letter) {
    int file = open("/tmp/records", O_WRONLY | O_APPEND);
    records_write(file, (char)letter);
}

/* What several processes write in parts is whole: at the end of a file, and into a pipe. */
static void records_stay_whole(void) {
    char record[RECORD], same[RECORD];
    int children[N], ends[2];
    int file = open("/tmp/records", O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < N; i++)
        children[i] = child_start(append_records, 'a' + i);
    for (int i = 0; i < N; i++)
        CHECK_EQUAL(0, child_wait(children[i]));
    CHECK_EQUAL(0, lseek(file, 0, SEEK_SET));
    for (int i = 0; i < N * RECORDS; i++) {
        CHECK_EQUAL(RECORD, read(file, record, RECORD));
        CHECK(memcmp(memset(same, record[0], RECORD), record, RECORD) == 0);
    }
    CHECK_EQUAL(0, close(file));
    CHECK_EQUAL(0, unlink("/tmp/records"));
    CHECK_EQUAL(0, pipe(ends));
    int child = fork();
    if (child == 0) {
        records_write(ends[1], 'x');
        _exit(check_failures != 0);
    }
    records_write(ends[1], 'y');
    CHECK_EQUAL(0, child_wait(child));
    close(ends[1]);
    for (int i = 0; i < 2 * RECORDS; i++) {
        CHECK_EQUAL(RECORD, read(ends[0], record, RECORD));
        CHECK(memcmp(memset(same, record[0], RECORD), record, RECORD) == 0);
    }
    close(ends[0]);
}

/* What is there is told at once, though more was asked for. */
static void reads_in_parts(void) {
    char first[4] = "", second[8] = "", large[8192];
    struct iovec parts[] = {{first, 3}, {second, 7}},
                 many[] = {{large, 4000}, {large + 4000, 4000}};
    int ends[2];
    CHECK_EQUAL(0, pipe(ends));
    CHECK_EQUAL(5, write(ends[1], "abcde", 5));
    CHECK_EQUAL(5, readv(ends[0], parts, 2));
    CHECK(strcmp(first, "abc") == 0 && strcmp(second, "de") == 0);
    memset(large, 'x', sizeof large);
    CHECK_EQUAL(4000, write(ends[1], large, 4000));
    CHECK_EQUAL(4000, readv(ends[0], many, 2));
    parts[1].iov_len = (size_t)-1;
    CHECK(readv(ends[0], parts, 2) == -1 && errno == EINVAL);
    CHECK(writev(ends[1], parts, 2) == -1 && errno == EINVAL);
    close(ends[0]), close(ends[1]);
}

static void *ask_where(void *ignored) {
    char where[PATH_MAX];
    (void)ignored;
    for (int i = 0; i < 200; i++)
        CHECK(getcwd(where, sizeof where) && strcmp(where, "/tmp") == 0);
    return NULL;
}

/* realpath moves nobody: other threads stay where they are. */
static void paths_with_threads(void) {
    char real[PATH_MAX];
    pthread_t thread;
    CHECK_EQUAL(0, chdir("/tmp"));
    CHECK_EQUAL(0, pthread_create(&thread, NULL, ask_where, NULL));
    for (int i = 0; i < 200; i++)
        CHECK(realpath("../bin/./sh", real) && strcmp(real, "/bin/sh") == 0);
    CHECK_EQUAL(0, pthread_join(thread, NULL));
    CHECK_EQUAL(0, chdir("/"));
}

/* A relative name is taken from whichever directory is named, also where there are two. */
static void directories_named(void) {
    int tmp = open("/tmp", O_RDONLY | O_DIRECTORY), file;
    CHECK_EQUAL(0, mkdirat(tmp, "d", 0700));
    CHECK((file = openat(tmp, "d/one", O_WRONLY | O_CREAT, 0600)) >= 0);
    CHECK_EQUAL(0, close(file));
    int folder = openat(tmp, "d", O_RDONLY | O_DIRECTORY);
    CHECK_EQUAL(0, renameat(folder, "one", tmp, "two"));
    CHECK_EQUAL(0, linkat(tmp, "two", folder, "three", 0));
    CHECK_EQUAL(0, faccessat(AT_FDCWD, "/tmp/d/three", R_OK, 0));
    CHECK_EQUAL(0, unlinkat(folder, "three", 0));
    CHECK_EQUAL(0, unlinkat(tmp, "two", 0));
    CHECK_EQUAL(0, unlinkat(tmp, "d", AT_REMOVEDIR));
    CHECK(openat(folder, "x", O_RDONLY) == -1 && errno == ENOENT);
    file = open("/bin/sh", O_RDONLY);
    CHECK(openat(file, "x", O_RDONLY) == -1 && errno == ENOTDIR);
    CHECK(openat(99, "x", O_RDONLY) == -1 && errno == EBADF);
    CHECK(open(NULL, O_RDONLY) == -1 && errno == EFAULT);
    close(file), close(folder), close(tmp);
}

/* ---- Threads ---- */

static bool cleaned;
static void clean(void *ignored) {
    (void)ignored;
    cleaned = true;
}

static void *run_until_cancelled(void *ignored) {
    (void)ignored;
    pthread_cleanup_push(clean, NULL);
    for (;;) {
        pthread_testcancel();
        (void)sched_yield();
    }
    pthread_cleanup_pop(0);
    return NULL;
}

/* A thread that is cancelled ends at its next cancellation point, and cleans up. */
static void cancellation(void) {
    pthread_t thread;
    void *result = NULL;
    CHECK_EQUAL(0, pthread_create(&thread, NULL, run_until_cancelled, NULL));
    CHECK_EQUAL(0, pthread_cancel(thread));
    CHECK_EQUAL(0, pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED && cleaned);
}

static const struct test library_tests[] = {
    {"rounding", "rounding is exact for large numbers too", rounding},
    {"formats", "printf rounds once, and prints every digit", formats},
    {"numbers_read", "strtod takes what is a number, rounded by all digits", numbers_read},
    {"scans", "scanf takes what matches, and leaves the rest", scans},
    {"times_and_days", "the calendar is right, far days and short sleeps too", times_and_days},
    {"patterns", "fnmatch knows classes of characters", patterns},
    {"malloc_is_lazy", "memory costs frames when it is touched, and too much is NULL",
     malloc_is_lazy},
    {"malloc_keeps", "blocks keep their bytes", malloc_keeps},
    {"thread_locals_aligned", "thread-local variables lie as they ask", thread_locals_aligned},
    {"records_stay_whole", "bytes that are written in parts stay together", records_stay_whole},
    {"reads_in_parts", "a read in parts tells what is there", reads_in_parts},
    {"paths_with_threads", "a path is resolved without moving anybody", paths_with_threads},
    {"directories_named", "names are taken from the directory that is named", directories_named},
    {"cancellation", "a thread that is cancelled cleans up and ends", cancellation},
    {0},
};
const struct test *const suites[] = {library_tests, NULL};
