/* tr [-cds] SET [SET]: translate bytes of the first set into those of the second, or delete them;
 * -c: all bytes but those of the set; -s: of equal bytes in a row only one stays. */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct set {
    unsigned char bytes[1024];
    size_t n;
};

static void add(struct set *set, unsigned byte) {
    if (set->n < sizeof set->bytes)
        set->bytes[set->n++] = (unsigned char)byte;
}

/* One byte, or \n and its kin. */
static unsigned byte_read(const char **text) {
    unsigned char byte = (unsigned char)*(*text)++;
    if (byte != '\\' || !**text)
        return byte;
    byte = (unsigned char)*(*text)++;
    if (byte >= '0' && byte <= '7') {
        unsigned value = byte - '0';
        for (int i = 0; i < 2 && **text >= '0' && **text <= '7'; i++)
            value = value * 8 + (unsigned)(*(*text)++ - '0');
        return value & 255;
    }
    const char *names = "ntrabfv", *values = "\n\t\r\a\b\f\v", *found = strchr(names, byte);
    return found ? (unsigned char)values[found - names] : byte;
}

static bool class_add(struct set *set, const char **text) {
    static const struct {
        const char *name;
        int first[2], last[2];
    } classes[] = {{"[:lower:]", {'a', 1}, {'z', 0}},
                   {"[:upper:]", {'A', 1}, {'Z', 0}},
                   {"[:digit:]", {'0', 1}, {'9', 0}},
                   {"[:alpha:]", {'A', 'a'}, {'Z', 'z'}},
                   {"[:space:]", {'\t', ' '}, {'\r', ' '}}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        size_t length = strlen(classes[i].name);
        if (strncmp(*text, classes[i].name, length) != 0)
            continue;
        for (int j = 0; j < 2; j++)
            for (int byte = classes[i].first[j]; byte <= classes[i].last[j]; byte++)
                add(set, (unsigned)byte);
        *text += length;
        return true;
    }
    return false;
}

static void set_read(struct set *set, const char *text) {
    while (*text) {
        if (*text == '[' && class_add(set, &text))
            continue;
        unsigned first = byte_read(&text), last = first;
        if (text[0] == '-' && text[1]) {
            text++;
            last = byte_read(&text);
        }
        if (last < first)
            errx(2, "a range that ends before it begins");
        for (; first <= last; first++)
            add(set, first);
    }
}

static struct set complement(const struct set *set) {
    struct set others = {.n = 0};
    for (unsigned byte = 0; byte < 256; byte++)
        if (!memchr(set->bytes, (int)byte, set->n))
            add(&others, byte);
    return others;
}

int main(int argc, char **argv) {
    bool others = false, deletes = false, squeezes = false, to_squeeze[256] = {false};
    int map[256], byte, option, before = -1;
    struct set sets[2] = {{.n = 0}, {.n = 0}};
    while ((option = getopt(argc, argv, "cds")) >= 0) {
        others |= option == 'c';
        deletes |= option == 'd';
        squeezes |= option == 's';
        if (option == '?')
            optind = argc;
    }
    int nsets = argc - optind;
    if (nsets < 1 || nsets > 2 || (nsets == 1 && !deletes && !squeezes))
        errx(2, "usage: tr [-cds] SET [SET]");
    for (int i = 0; i < nsets; i++)
        set_read(&sets[i], argv[optind + i]);
    if (others)
        sets[0] = complement(&sets[0]);
    for (int i = 0; i < 256; i++)
        map[i] = i;
    for (size_t i = 0; i < sets[0].n && (deletes || sets[1].n > 0); i++)
        map[sets[0].bytes[i]] = deletes ? -1 : sets[1].bytes[i < sets[1].n ? i : sets[1].n - 1];
    const struct set *last = &sets[nsets - 1];
    for (size_t i = 0; squeezes && i < last->n; i++)
        to_squeeze[last->bytes[i]] = true;
    while ((byte = getchar()) != EOF) {
        byte = map[byte];
        if (byte < 0 || (byte == before && to_squeeze[byte]))
            continue;
        putchar(byte);
        before = byte;
    }
    return ferror(stdin) || fflush(stdout) < 0;
}
