/* From text to a tree (POSIX, Shell Command Language, 2.10). Words stay as they are written: what
 * is in them is expanded each time that they are run. One command is parsed at a time, so that
 * those before it have run. */
#include <ctype.h>
#include <string.h>

#include "user/programs/sh/sh.h"

static struct node *list(void);

/* What stands behind << waits for the end of its line. */
static struct here {
    struct here *next;
    struct redirection *redirection;
    char *end;
    bool tabs; /* <<-: tabs before each line are not part of it */
} * heres;

/* ---- Bytes ---- */

/* The next byte; 0: the end. */
static char peek(void) {
    while (source->at == source->length)
        if (!source->more || !source->more(source))
            return 0;
    return source->text[source->at];
}

static char peek_second(void) {
    return peek() && source->at + 1 < source->length ? source->text[source->at + 1] : 0;
}

static char next(void) {
    char byte = peek();
    source->at += byte != 0;
    return byte;
}

static bool accept(const char *operator) {
    if (peek() != operator[0] ||(operator[1] && peek_second() != operator[1]))
        return false;
    source->at += strlen(operator);
    return true;
}

_Noreturn static void unexpected(void) {
    char byte = peek();
    if (!byte)
        fail(2, "syntax error: the end comes too early");
    if (byte == '\n')
        fail(2, "syntax error: the line ends too early");
    fail(2, "syntax error: %c is not expected here", byte);
}

static void expect(const char *operator) {
    if (!accept(operator))
        unexpected();
}

static void blanks_skip(void) {
    for (;;) {
        if (peek() == ' ' || peek() == '\t' || peek() == '\r')
            source->at++;
        else if (peek() == '\\' && peek_second() == '\n')
            source->at += 2;
        else
            break;
    }
    if (peek() == '#')
        while (peek() && peek() != '\n')
            source->at++;
}

/* ---- What stands here ---- */

static void line_read(struct text *line) {
    while (peek() && peek() != '\n')
        text_add(line, next());
    if (peek())
        source->at++;
}

static void here_read(struct here *here) {
    struct text body = {0};
    for (;;) {
        struct text line = {0};
        if (!peek())
            fail(2, "a here-document is not ended by %s", here->end);
        line_read(&line);
        const char *text = line.bytes ? line.bytes : "";
        while (here->tabs && *text == '\t')
            text++;
        if (strcmp(text, here->end) == 0)
            break;
        text_add_all(&body, text);
        text_add(&body, '\n');
    }
    here->redirection->text = body.bytes ? body.bytes : "";
}

static void line_end(void) {
    source->at++;
    for (; heres; heres = heres->next)
        here_read(heres);
}

static void line_ends_skip(void) {
    for (blanks_skip(); peek() == '\n'; blanks_skip())
        line_end();
}

/* ---- Words ---- */

static void part_read(struct text *word);

static void quoted_read(struct text *word, char quote) {
    text_add(word, next());
    while (peek() != quote) {
        if (!peek())
            fail(2, "a quote is not closed");
        if (quote == '"' && (peek() == '$' || peek() == '`'))
            part_read(word);
        else {
            if (quote != '\'' && peek() == '\\')
                text_add(word, next());
            text_add(word, next());
        }
    }
    text_add(word, next());
}

/* A list of commands in parentheses: parsing it finds where it ends. */
static void substitution_read(struct text *word) {
    size_t begin = source->at;
    source->at += 2;
    struct here *outer = heres;
    heres = NULL;
    line_ends_skip();
    if (peek() != ')')
        (void)list();
    expect(")");
    heres = outer;
    for (size_t i = begin; i < source->at; i++)
        text_add(word, source->text[i]);
}

static void arithmetic_read(struct text *word) {
    int depth = 0;
    do {
        if (!peek())
            fail(2, "$(( is not closed");
        depth += peek() == '(';
        depth -= peek() == ')';
        text_add(word, next());
    } while (depth > 0);
}

static void braced_read(struct text *word) {
    text_add(word, next());
    while (peek() != '}') {
        if (!peek())
            fail(2, "${ is not closed");
        part_read(word);
    }
    text_add(word, next());
}

/* One piece of a word, with all that belongs to it. */
static void part_read(struct text *word) {
    char byte = peek();
    if (byte == '\'' || byte == '"' || byte == '`') {
        quoted_read(word, byte);
    } else if (byte == '\\') {
        text_add(word, next());
        if (peek())
            text_add(word, next());
    } else if (byte == '$' && peek_second() == '(') {
        bool arithmetic = source->at + 2 < source->length && source->text[source->at + 2] == '(';
        if (arithmetic)
            text_add(word, next());
        (arithmetic ? arithmetic_read : substitution_read)(word);
    } else if (byte == '$' && peek_second() == '{') {
        text_add(word, next());
        braced_read(word);
    } else {
        text_add(word, next());
    }
}

size_t part_length(const char *text) {
    struct source *outer = source, here = {.text = text, .length = strlen(text)};
    struct text scratch = {0};
    source = &here;
    part_read(&scratch);
    source = outer;
    return here.at;
}

/* returns: NULL: an operator or the end stands here */
static char *word_read(void) {
    struct text word = {0};
    blanks_skip();
    while (peek() && !strchr(" \t\r\n;&|<>()", peek())) {
        if (peek() == '\\' && peek_second() == '\n')
            source->at += 2;
        else
            part_read(&word);
    }
    return word.bytes;
}

static struct word *word_new(const char *text) {
    struct word *word = room_take(sizeof *word);
    word->text = text;
    return word;
}

static bool word_is_next(const char *text) {
    size_t length = strlen(text);
    blanks_skip();
    (void)peek();
    if (source->length - source->at < length ||
        memcmp(source->text + source->at, text, length) != 0)
        return false;
    char behind = source->at + length < source->length ? source->text[source->at + length] : 0;
    return !behind || strchr(" \t\r\n;&|<>()", behind);
}

static bool accept_word(const char *text) {
    bool there = word_is_next(text);
    if (there)
        source->at += strlen(text);
    return there;
}

static void expect_word(const char *text) {
    if (!accept_word(text))
        fail(2, "syntax error: %s is missing", text);
}

/* ---- Redirections ---- */

static void here_add(struct redirection *redirection, bool tabs) {
    struct here *here = room_take(sizeof *here), **last = &heres;
    const char *word = word_read();
    if (!word)
        unexpected();
    redirection->literal = strpbrk(word, "'\"\\");
    here->redirection = redirection;
    here->tabs = tabs;
    struct text end = {0};
    for (; *word; word++)
        if (!strchr("'\"\\", *word))
            text_add(&end, *word);
    here->end = end.bytes ? end.bytes : "";
    while (*last)
        last = &(*last)->next;
    *last = here;
}

static bool redirection_read(struct redirection ***last) {
    blanks_skip();
    bool numbered =
        isdigit((unsigned char)peek()) && (peek_second() == '<' || peek_second() == '>');
    int number = numbered ? next() - '0' : -1;
    bool input = peek() == '<';
    if (peek() != '<' && peek() != '>')
        return false;
    struct redirection *new = room_take(sizeof *new);
    new->number = number >= 0 ? number : !input;
    if (accept("<<")) {
        new->kind = HERE;
        here_add(new, accept("-"));
    } else {
        new->kind = accept("<&") || accept(">&")  ? COPY
                    : accept("<>")                ? READ_WRITE
                    : accept(">>")                ? APPEND
                    : accept(">|") || accept(">") ? WRITE
                                                  : READ;
        if (new->kind == READ)
            expect("<");
        new->text = word_read();
        if (!new->text)
            unexpected();
    }
    **last = new;
    *last = &new->next;
    return true;
}

/* ---- Commands ---- */

static struct node *node_new(enum node_kind kind, struct node *left, struct node *right) {
    struct node *node = room_take(sizeof *node);
    node->kind = kind;
    node->left = left;
    node->right = right;
    return node;
}

static struct node *if_read(void) {
    struct node *node = node_new(IF, list(), NULL);
    expect_word("then");
    node->right = list();
    if (accept_word("elif")) {
        node->other = if_read();
        return node;
    }
    if (accept_word("else"))
        node->other = list();
    expect_word("fi");
    return node;
}

static struct node *loop_body(void) {
    expect_word("do");
    struct node *body = list();
    expect_word("done");
    return body;
}

static struct node *for_read(void) {
    struct node *node = node_new(FOR, NULL, NULL);
    char *name = word_read();
    if (!name || !is_name(name, strlen(name)))
        fail(2, "syntax error: for needs the name of a variable");
    struct word **last = &(node->words = word_new(name))->next;
    line_ends_skip();
    node->listed = accept_word("in");
    for (char *text; node->listed && (text = word_read()); last = &(*last)->next)
        *last = word_new(text);
    blanks_skip();
    (void)accept(";");
    line_ends_skip();
    node->right = loop_body();
    return node;
}

static struct node *case_read(void) {
    struct node *node = node_new(CASE, NULL, NULL);
    struct branch **last = &node->branches;
    char *subject = word_read();
    if (!subject)
        unexpected();
    node->words = word_new(subject);
    line_ends_skip();
    expect_word("in");
    for (line_ends_skip(); !accept_word("esac"); line_ends_skip()) {
        struct branch *branch = *last = room_take(sizeof *branch);
        struct word **pattern = &branch->patterns;
        last = &branch->next;
        (void)accept("(");
        do {
            char *text = word_read();
            if (!text)
                unexpected();
            *pattern = word_new(text);
            pattern = &(*pattern)->next;
            blanks_skip();
        } while (accept("|"));
        expect(")");
        line_ends_skip();
        if (!(peek() == ';' && peek_second() == ';') && !word_is_next("esac"))
            branch->body = list();
        blanks_skip();
        if (!accept(";;") && !word_is_next("esac"))
            unexpected();
    }
    return node;
}

/* Its text is kept, and read again when it is called: a tree lives only as long as one command. */
static struct node *function_read(char *name) {
    struct node *node = node_new(FUNCTION, NULL, NULL);
    expect("(");
    blanks_skip();
    expect(")");
    line_ends_skip();
    size_t begin = source->at;
    if (!accept("{") && peek() != '(')
        unexpected();
    if (accept("(")) {
        (void)list();
        expect(")");
    } else {
        (void)list();
        expect_word("}");
    }
    node->words = word_new(name);
    node->body = room_text(source->text + begin, source->at - begin);
    return node;
}

static struct node *command_read(void) {
    struct node *node = node_new(COMMAND, NULL, NULL);
    struct redirection **redirection = &node->redirections;
    struct word **word = &node->words, **assignment = &node->assignments;
    for (;;) {
        if (redirection_read(&redirection))
            continue;
        char *text = word_read();
        if (!text)
            break;
        if (!node->words && assignment_value(text)) {
            *assignment = word_new(text);
            assignment = &(*assignment)->next;
            continue;
        }
        *word = word_new(text);
        word = &(*word)->next;
        blanks_skip();
        if (node->words->next || node->assignments || peek() != '(')
            continue;
        if (!is_name(text, strlen(text)))
            unexpected();
        return function_read(text);
    }
    if (!node->words && !node->assignments && !node->redirections)
        unexpected();
    return node;
}

/* returns: the word that stands here and ends a list; NULL: none does */
static const char *closing_word(void) {
    static const char *const words[] = {"then", "else", "elif", "fi", "do", "done", "esac", "}"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word_is_next(words[i]))
            return words[i];
    return NULL;
}

/* returns: NULL: it is a simple command */
static struct node *compound_read(void) {
    if (closing_word())
        fail(2, "syntax error: %s is not expected here", closing_word());
    if (accept_word("if"))
        return if_read();
    bool until = accept_word("until");
    if (until || accept_word("while")) {
        struct node *condition = list();
        return node_new(until ? UNTIL : WHILE, condition, loop_body());
    }
    if (accept_word("for"))
        return for_read();
    if (accept_word("case"))
        return case_read();
    if (accept_word("{")) {
        struct node *node = node_new(GROUP, list(), NULL);
        expect_word("}");
        return node;
    }
    if (accept("(")) {
        struct node *node = node_new(SUBSHELL, list(), NULL);
        expect(")");
        return node;
    }
    return NULL;
}

static struct node *pipeline_part(void) {
    blanks_skip();
    struct node *node = compound_read();
    if (!node)
        return command_read();
    for (struct redirection **last = &node->redirections; redirection_read(&last);)
        ;
    return node;
}

static struct node *pipeline(void) {
    bool negated = accept_word("!");
    struct node *first = pipeline_part(), *last = first;
    blanks_skip();
    if (peek() == '|' && peek_second() != '|') {
        struct node *all = node_new(PIPELINE, NULL, NULL);
        all->children = first;
        while (peek() == '|' && peek_second() != '|' && next()) {
            line_ends_skip();
            last = last->next = pipeline_part();
            blanks_skip();
        }
        first = all;
    }
    return negated ? node_new(NOT, first, NULL) : first;
}

static struct node *and_or(void) {
    struct node *left = pipeline();
    for (;;) {
        blanks_skip();
        bool and = accept("&&");
        if (!and&&!accept("||"))
            return left;
        line_ends_skip();
        left = node_new(and? AND : OR, left, pipeline());
    }
}

static bool list_ends(void) {
    blanks_skip();
    return !peek() || peek() == ')' || (peek() == ';' && peek_second() == ';') || closing_word();
}

/* Commands with what ends them, up to what closes the list; with `one_line`, up to its end. */
static struct node *commands(bool one_line) {
    struct node *all = node_new(SEQUENCE, NULL, NULL), **last = &all->children;
    do {
        struct node *node = and_or();
        blanks_skip();
        bool background = peek() == '&';
        *last = background ? node_new(BACKGROUND, node, NULL) : node;
        last = &(*last)->next;
        if (peek() == '\n' && one_line)
            break;
        if (peek() == '\n')
            line_ends_skip();
        else if (background || (peek() == ';' && peek_second() != ';')) {
            source->at++;
            if (one_line)
                blanks_skip();
            else
                line_ends_skip();
        } else
            break;
    } while (!list_ends() && !(one_line && peek() == '\n'));
    return all;
}

static struct node *list(void) {
    line_ends_skip();
    if (list_ends())
        unexpected();
    return commands(false);
}

struct node *parse(bool *ended) {
    heres = NULL;
    blanks_skip();
    *ended = !peek();
    if (*ended)
        return NULL;
    struct node *node = peek() == '\n' ? NULL : commands(true);
    blanks_skip();
    if (peek() && peek() != '\n')
        unexpected();
    if (peek())
        line_end();
    return node;
}
