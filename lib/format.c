/* The one formatter: it feeds bytes to a sink, be it a buffer or a function. */
#include "lib/format.h"

#include "lib/string.h"

struct sink {
    void (*write)(const char *bytes, size_t nbytes); /* NULL: into the buffer */
    char *buffer;
    size_t size;
    size_t length; /* what the whole text has so far */
};

struct field {
    bool left, zeros, alternate;
    size_t width, precision; /* the precision: how much of a string there may be */
    int longs;               /* 1 for l, ll and z: all are 64 bits here */
};

static void emit(struct sink *sink, char c) {
    if (sink->write)
        sink->write(&c, 1);
    else if (sink->length + 1 < sink->size)
        sink->buffer[sink->length] = c;
    sink->length++;
}

static void emit_fill(struct sink *sink, char c, size_t n) {
    while (n-- > 0)
        emit(sink, c);
}

static void emit_text(struct sink *sink, const struct field *field, const char *prefix,
                      const char *text, size_t length) {
    size_t all = string_length(prefix) + length;
    size_t fill = field->width > all ? field->width - all : 0;
    if (!field->left && !field->zeros)
        emit_fill(sink, ' ', fill);
    while (*prefix)
        emit(sink, *prefix++);
    if (!field->left && field->zeros)
        emit_fill(sink, '0', fill);
    for (size_t i = 0; i < length; i++)
        emit(sink, text[i]);
    if (field->left)
        emit_fill(sink, ' ', fill);
}

static void emit_number(struct sink *sink, const struct field *field, const char *prefix,
                        uint64_t value, unsigned base) {
    char digits[20];
    size_t n = 0;
    do {
        digits[sizeof digits - ++n] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    emit_text(sink, field, prefix, digits + sizeof digits - n, n);
}

static void emit_signed(struct sink *sink, const struct field *field, int64_t value) {
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    emit_number(sink, field, value < 0 ? "-" : "", magnitude, 10);
}

static const char *parse_flags(const char *format, struct field *field) {
    for (;; format++) {
        if (*format == '-')
            field->left = true;
        else if (*format == '0')
            field->zeros = true;
        else if (*format == '#')
            field->alternate = true;
        else
            return format;
    }
}

static const char *parse_size(const char *format, size_t *size) {
    for (*size = 0; *format >= '0' && *format <= '9'; format++)
        *size = *size * 10 + (size_t)(*format - '0');
    return format;
}

/* Flags, width, precision and length of one conversion; returns what follows them. */
static const char *parse_field(const char *format, struct field *field, va_list *arguments) {
    *field = (struct field){.precision = SIZE_MAX};
    format = parse_size(parse_flags(format, field), &field->width);
    if (format[0] == '.' && format[1] == '*') {
        field->precision = (size_t)va_arg(*arguments, int);
        format += 2;
    } else if (format[0] == '.') {
        format = parse_size(format + 1, &field->precision);
    }
    for (; *format == 'l' || *format == 'z'; format++)
        field->longs = 1;
    return format;
}

static void emit_conversion(struct sink *sink, const struct field *field, char conversion,
                            va_list *arguments) {
    switch (conversion) {
    case 'd':
    case 'i':
        emit_signed(sink, field,
                    field->longs ? va_arg(*arguments, int64_t) : va_arg(*arguments, int));
        break;
    case 'u':
    case 'x': {
        uint64_t value = field->longs ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned);
        emit_number(sink, field, field->alternate ? "0x" : "", value, conversion == 'x' ? 16 : 10);
        break;
    }
    case 'p':
        emit_number(sink, field, "0x", (uintptr_t)va_arg(*arguments, void *), 16);
        break;
    case 's': {
        const char *text = va_arg(*arguments, const char *);
        emit_text(sink, field, "", text, bytes_find(text, field->precision, 0));
        break;
    }
    case 'c': {
        char c = (char)va_arg(*arguments, int);
        emit_text(sink, field, "", &c, 1);
        break;
    }
    default:
        emit(sink, conversion);
    }
}

static void format_into(struct sink *sink, const char *format, va_list *arguments) {
    for (; *format; format++) {
        if (*format != '%') {
            emit(sink, *format);
            continue;
        }
        struct field field;
        format = parse_field(format + 1, &field, arguments);
        if (!*format)
            return;
        emit_conversion(sink, &field, *format, arguments);
    }
}

void format_to(void (*write)(const char *bytes, size_t nbytes), const char *format,
               va_list arguments) {
    struct sink sink = {.write = write};
    va_list copy;
    va_copy(copy, arguments);
    format_into(&sink, format, &copy);
    va_end(copy);
}

size_t format_arguments(char *buffer, size_t size, const char *format, va_list arguments) {
    struct sink sink = {.buffer = buffer, .size = size};
    va_list copy;
    va_copy(copy, arguments);
    format_into(&sink, format, &copy);
    va_end(copy);
    if (size > 0)
        buffer[min_u64(sink.length, size - 1)] = 0;
    return sink.length;
}

size_t format_string(char *buffer, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t length = format_arguments(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}
