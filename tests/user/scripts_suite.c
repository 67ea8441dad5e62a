/* Shell scripts: each *.sh here runs in the shell, and what it prints is its *.expected. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/print.h"
#include "tests/user/user.h"

#define OUTPUT "/tmp/output"
#define OUTPUT_MAX 16384

static void script_exec(long name) {
    char path[64] = "/tests/";
    strcat(strcat(path, (const char *)name), ".sh");
    int ends[2]; /* no terminal, and nothing to read */
    CHECK_EQUAL(0, pipe(ends));
    int output = open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    CHECK(dup2(ends[0], 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2);
    CHECK(close(ends[0]) == 0 && close(ends[1]) == 0 && close(output) == 0);
    CHECK_EQUAL(0, execl("/bin/sh", "sh", path, NULL));
}

/* => the file's bytes with a 0 behind them */
static void text_read(const char *path, char *text) {
    int file = open(path, O_RDONLY);
    ssize_t n = file < 0 ? -1 : read(file, text, OUTPUT_MAX - 1);
    CHECK(n >= 0 && n < OUTPUT_MAX - 1);
    text[n > 0 ? n : 0] = 0;
    CHECK_EQUAL(0, close(file));
}

/* Tell the first line that differs. */
static void texts_compare(const char *expected, const char *found) {
    for (int line = 1;; line++) {
        size_t e = strcspn(expected, "\n"), f = strcspn(found, "\n");
        bool same = e == f && memcmp(expected, found, e) == 0 && expected[e] == found[f];
        if (!same)
            print("  line %d: expected '%.*s', found '%.*s'\n", line, (int)e, expected, (int)f,
                  found);
        CHECK(same);
        if (!same || !expected[e])
            return;
        expected += e + 1;
        found += f + 1;
    }
}

/* => the wait status of the shell */
static int script_run(const char *name) {
    static char expected[OUTPUT_MAX], found[OUTPUT_MAX];
    char path[64] = "/tests/";
    strcat(strcat(path, name), ".expected");
    int status = child_run(script_exec, (long)name);
    text_read(path, expected);
    text_read(OUTPUT, found);
    texts_compare(expected, found);
    CHECK_EQUAL(0, unlink(OUTPUT));
    return status;
}

static void pipelines(void) { CHECK_EQUAL(0, script_run("pipelines")); }
static void redirections(void) { CHECK_EQUAL(0, script_run("redirections")); }
static void quotes(void) { CHECK_EQUAL(0, script_run("quotes")); }
static void patterns(void) { CHECK_EQUAL(0, script_run("patterns")); }
static void lists(void) { CHECK_EQUAL(0, script_run("lists")); }
static void builtins(void) { CHECK_EQUAL(0, script_run("builtins")); }
static void failures(void) { CHECK_EQUAL(0, script_run("failures")); }
static void language(void) { CHECK_EQUAL(0, script_run("language")); }
static void tools(void) { CHECK_EQUAL(0, script_run("tools")); }
static void background(void) { CHECK_EQUAL(0, script_run("background")); }
static void memory(void) { CHECK_EQUAL(0, script_run("memory")); }

static const struct test scripts_tests[] = {
    {"pipelines", "commands are joined by pipes, and the last one's status counts", pipelines},
    {"redirections", "< > >> 2> 2>> 2>&1 lead where they say, in their order", redirections},
    {"quotes", "quotes, backslash, $ and # make words of what they should", quotes},
    {"patterns", "* ? [...] become the names that match, in order", patterns},
    {"lists", "; && || run what they should", lists},
    {"builtins", "cd, exit and variables are the shell's own; statuses arrive", builtins},
    {"failures", "what is wrong is told, with its status, and the shell goes on", failures},
    {"language", "what POSIX has in its shell does what it does in dash", language},
    {"tools", "the small programs do what other systems' do", tools},
    {"background", "& does not wait, and wait does", background},
    {"memory", "after a series of programs and fork bombs all memory is free again", memory},
    {0},
};
const struct test *const suites[] = {scripts_tests, NULL};
