/* Handle tables: who has a reference to what, and when the last one goes. */
#include "lib/abi.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "proc/handle.h"
#include "tests/check.h"

#define NTHINGS 8
#define NUMBER_ANY 0x7fffffffffffffff

/* An object that counts how often it is closed. */
struct thing {
    struct object object;
    int closed;
};

static void thing_close(struct object *object) {
    container_of(object, struct thing, object)->closed++;
}
static const struct object_type thing_type = {.name = "thing", .close = thing_close};
static const struct object_type other_type = {.name = "other", .close = thing_close};

static struct thing things[NTHINGS];
static struct handle_table table, copy;

static void begin(void) {
    handle_table_init(&table);
    handle_table_init(&copy);
    for (int i = 0; i < NTHINGS; i++) {
        things[i].closed = 0;
        object_init(&things[i].object, &thing_type);
    }
}

static long references(int i) { return (long)things[i].object.references; }

/* The test keeps its own reference to each thing. => its number */
static long add(int i, long least, uint32_t flags) {
    object_get(&things[i].object);
    long number = handle_add(&table, &things[i].object, least, flags);
    if (number < 0)
        object_put(&things[i].object);
    return number;
}

static void put(int i, long number) {
    struct object *replaced = NULL;
    object_get(&things[i].object);
    CHECK_EQUAL(0, handle_set(&table, number, &things[i].object, 0, &replaced));
    if (replaced)
        object_put(replaced);
}

static bool names(struct handle_table *from, long number, int i) {
    struct object *object = handle_get(from, number, &thing_type);
    if (object)
        object_put(object);
    return object == &things[i].object;
}

/* Both tables are emptied, and all references but the test's own are gone. */
static void end(void) {
    handle_close_all(&table);
    handle_close_all(&copy);
    CHECK(table.nhandles == 0 && copy.nhandles == 0);
    for (int i = 0; i < NTHINGS; i++) {
        CHECK_EQUAL(1, references(i));
        CHECK_EQUAL(0, things[i].closed);
    }
}

static void a_handle_is_a_reference(void) {
    begin();
    CHECK_EQUAL(0, add(0, 0, 0));
    CHECK_EQUAL(1, add(1, 0, 0));
    CHECK_EQUAL(2, add(0, 0, 0)); /* one object, two numbers */
    CHECK_EQUAL(3, table.nhandles);
    CHECK_EQUAL(3, references(0));
    struct object *object = handle_get(&table, 0, &thing_type);
    CHECK(object == &things[0].object);
    CHECK_EQUAL(4, references(0));
    object_put(object);
    object = handle_take(&table, 0);
    CHECK(object == &things[0].object);
    CHECK_EQUAL(3, references(0)); /* it is ours now */
    object_put(object);
    CHECK(!handle_take(&table, 0));
    CHECK_EQUAL(2, table.nhandles);
    CHECK_EQUAL(0, add(2, 0, 0)); /* the lowest number is free again */
    CHECK_EQUAL(10, add(2, 10, 0));
    CHECK_EQUAL(3, add(2, 1, 0));
    end();
}

static void the_last_reference_closes(void) {
    begin();
    CHECK_EQUAL(0, add(0, 0, 0));
    CHECK_EQUAL(1, add(0, 0, 0));
    object_put(&things[0].object); /* the test's own */
    object_put(handle_take(&table, 0));
    CHECK_EQUAL(0, things[0].closed);
    object_put(handle_take(&table, 1));
    CHECK_EQUAL(1, things[0].closed);
    object_init(&things[0].object, &thing_type);
    things[0].closed = 0;
    end();
}

static void types_are_told_apart(void) {
    begin();
    CHECK_EQUAL(0, add(0, 0, HANDLE_CLOEXEC));
    CHECK(!handle_get(&table, 0, &other_type));
    CHECK_EQUAL(2, references(0));
    struct object *object = handle_get(&table, 0, NULL);
    CHECK(object == &things[0].object);
    object_put(object);
    end();
}

static void numbers_of_nothing(void) {
    static const long numbers[] = {
        1, -1, 63, 64, HANDLE_NUMBER_MAX, HANDLE_NUMBER_MAX + 1, NUMBER_ANY, -NUMBER_ANY - 1};
    begin();
    CHECK_EQUAL(0, add(0, 0, 0));
    for (size_t i = 0; i < array_length(numbers); i++) {
        CHECK(!handle_get(&table, numbers[i], NULL));
        CHECK(!handle_take(&table, numbers[i]));
        CHECK_EQUAL(-EBADF, handle_flags(&table, numbers[i], HANDLE_CLOEXEC));
    }
    CHECK_EQUAL(1, table.nhandles);
    end();
}

static void numbers_have_a_limit(void) {
    struct object *replaced = NULL;
    begin();
    CHECK_EQUAL(HANDLE_NUMBER_MAX, add(0, HANDLE_NUMBER_MAX, 0));
    CHECK_EQUAL(-EMFILE, add(1, HANDLE_NUMBER_MAX, 0));
    CHECK_EQUAL(1, references(1));
    CHECK_EQUAL(1, table.nhandles);
    CHECK_EQUAL(-EMFILE, handle_set(&table, -1, &things[1].object, 0, &replaced));
    CHECK_EQUAL(-EMFILE,
                handle_set(&table, HANDLE_NUMBER_MAX + 1, &things[1].object, 0, &replaced));
    CHECK_EQUAL(-EMFILE, handle_set(&table, NUMBER_ANY, &things[1].object, 0, &replaced));
    CHECK(!replaced);
    put(1, HANDLE_NUMBER_MAX);
    CHECK_EQUAL(1, references(0));
    CHECK(names(&table, HANDLE_NUMBER_MAX, 1));
    CHECK_EQUAL(0, add(2, 0, 0)); /* below there is room */
    end();
}

static void set_replaces(void) {
    struct object *replaced = NULL;
    begin();
    CHECK_EQUAL(0, add(0, 0, HANDLE_CLOEXEC));
    object_get(&things[1].object);
    CHECK_EQUAL(0, handle_set(&table, 0, &things[1].object, 0, &replaced));
    CHECK(replaced == &things[0].object);
    CHECK_EQUAL(2, references(0)); /* it comes with its reference */
    object_put(replaced);
    CHECK_EQUAL(0, handle_flags(&table, 0, -1)); /* the old flags are gone */
    CHECK_EQUAL(1, table.nhandles);
    put(1, 0); /* by itself */
    CHECK_EQUAL(2, references(1));
    put(2, 5000);
    CHECK_EQUAL(2, table.nhandles);
    end();
}

static void flags(void) {
    begin();
    CHECK_EQUAL(0, add(0, 0, HANDLE_CLOEXEC));
    CHECK_EQUAL(HANDLE_CLOEXEC, handle_flags(&table, 0, -1));
    CHECK_EQUAL(HANDLE_CLOEXEC, handle_flags(&table, 0, 0));
    CHECK_EQUAL(0, handle_flags(&table, 0, HANDLE_CLOEXEC));
    CHECK_EQUAL(HANDLE_CLOEXEC, handle_flags(&table, 0, -1));
    CHECK(names(&table, 0, 0));
    CHECK_EQUAL(2, references(0));
    end();
}

/* ---- Whole tables ---- */

static const long spread[] = {0, 1, 63, 64, 4095, 4096, 30000, HANDLE_NUMBER_MAX};

/* Every thing under one number, every second one to be closed by exec. */
static void fill(void) {
    begin();
    for (int i = 0; i < NTHINGS; i++)
        CHECK_EQUAL(spread[i], add(i, spread[i], i % 2 ? HANDLE_CLOEXEC : 0));
}

static void copies_are_equal(void) {
    fill();
    CHECK_EQUAL(0, handle_copy_all(&table, &copy));
    CHECK_EQUAL(NTHINGS, copy.nhandles);
    for (int i = 0; i < NTHINGS; i++) {
        CHECK_EQUAL(3, references(i));
        CHECK(names(&copy, spread[i], i));
        CHECK_EQUAL(i % 2, handle_flags(&copy, spread[i], -1));
    }
    object_get(&things[0].object);
    CHECK_EQUAL(2, handle_add(&copy, &things[0].object, 0, 0)); /* it knows what is in use */
    object_put(handle_take(&copy, 2));
    object_put(handle_take(&copy, 64));
    CHECK(names(&table, 64, 3)); /* each has its own */
    handle_close_all(&table);
    for (int i = 0; i < NTHINGS; i++)
        CHECK_EQUAL(i == 3 ? 1 : 2, references(i));
    end();
}

static void exec_closes_what_is_marked(void) {
    fill();
    handle_close_on_exec(&table);
    CHECK_EQUAL(NTHINGS / 2, table.nhandles);
    for (int i = 0; i < NTHINGS; i++) {
        CHECK_EQUAL(i % 2 ? 1 : 2, references(i));
        CHECK_EQUAL(i % 2 == 0, names(&table, spread[i], i));
    }
    handle_close_on_exec(&table);
    CHECK_EQUAL(NTHINGS / 2, table.nhandles);
    end();
}

static void closed_tables_are_empty(void) {
    fill();
    handle_close_all(&table);
    CHECK_EQUAL(0, table.nhandles);
    CHECK_EQUAL(0, add(0, 0, 0)); /* and can be used again */
    end();
    begin();
    handle_close_all(&table);
    handle_close_on_exec(&table);
    CHECK_EQUAL(0, handle_copy_all(&table, &copy));
    end();
}

/* ---- No memory ---- */

static void no_memory_for_a_number(void) {
    struct object *replaced = NULL;
    fill();
    long failures = 0;
    frame_fail_after(0);
    for (long number = 128; number < 6000; number += 64) {
        long error = add(0, number, 0);
        if (error >= 0)
            continue; /* its node found room in a frame that was there */
        CHECK_EQUAL(-ENOMEM, error);
        failures++;
        object_get(&things[1].object);
        CHECK_EQUAL(-ENOMEM, handle_set(&table, number, &things[1].object, 0, &replaced));
        object_put(&things[1].object);
        CHECK(!replaced && !handle_get(&table, number, NULL));
    }
    CHECK(failures > 0);
    for (int i = 0; i < NTHINGS; i++) {
        CHECK_EQUAL(i % 2, handle_flags(&table, spread[i], 1 - i % 2)); /* needs none */
        put(i, spread[i]);                                              /* nor does this */
    }
    frame_fail_after(SIZE_MAX);
    end();
}

static void no_memory_for_a_copy(void) {
    int error = -ENOMEM;
    fill();
    for (long number = 0; number < HANDLE_NUMBER_MAX; number += 640)
        CHECK(add(0, number, 0) >= 0); /* a node each: several frames */
    size_t nhandles = table.nhandles;
    long before = references(0);
    size_t k = 0;
    for (; error && k < 100; k++) {
        frame_fail_after(k);
        error = handle_copy_all(&table, &copy);
        frame_fail_after(SIZE_MAX);
        CHECK(error == 0 || error == -ENOMEM);
        if (error == 0)
            CHECK_EQUAL(nhandles, copy.nhandles);
        handle_close_all(&copy); /* also of a part */
        CHECK_EQUAL(before, references(0));
        CHECK_EQUAL(nhandles, table.nhandles);
        handle_table_init(&copy);
    }
    CHECK(k > 3 && error == 0);
    end();
}

/* ---- Anything in any order, against a plain array ---- */

#define NUMBERS 200
#define STEPS 5000

static void like_an_array(void) {
    static int model[NUMBERS]; /* 0, or the thing's number and one more */
    begin();
    for (int n = 0; n < NUMBERS; n++)
        model[n] = 0;
    for (int step = 0; step < STEPS; step++) {
        int thing = (int)(check_random() % NTHINGS), n = (int)(check_random() % NUMBERS);
        switch (check_random() % 4) {
        case 0:
            for (n = n / 2; n < NUMBERS && model[n]; n++)
                ;
            if (n < NUMBERS) {
                int least = n;
                while (least > 0 && model[least - 1])
                    least--; /* whichever it begins from, the number is the same */
                CHECK_EQUAL(n, add(thing, least, 0));
                model[n] = thing + 1;
            }
            break;
        case 1:
            put(thing, n);
            model[n] = thing + 1;
            break;
        default: {
            struct object *object = handle_take(&table, n);
            CHECK(object == (model[n] ? &things[model[n] - 1].object : NULL));
            if (object)
                object_put(object);
            model[n] = 0;
        }
        }
    }
    size_t used = 0;
    for (int n = 0; n < NUMBERS; n++) {
        used += model[n] != 0;
        if (model[n])
            CHECK(names(&table, n, model[n] - 1));
    }
    CHECK_EQUAL(used, table.nhandles);
    end();
}

const struct test handle_tests[] = {
    {"a_handle_is_a_reference", "each number has one reference, and the lowest is given",
     a_handle_is_a_reference},
    {"the_last_reference_closes", "an object closes with its last handle, once",
     the_last_reference_closes},
    {"types_are_told_apart", "a handle of another type is none", types_are_told_apart},
    {"numbers_of_nothing", "any number may be asked for", numbers_of_nothing},
    {"numbers_have_a_limit", "beyond the last number nothing is kept", numbers_have_a_limit},
    {"set_replaces", "a number that is given anew hands back what it named", set_replaces},
    {"flags", "flags change, the handle stays", flags},
    {"copies_are_equal", "a copied table has the numbers, flags and references", copies_are_equal},
    {"exec_closes_what_is_marked", "exec closes the handles that are marked, and no others",
     exec_closes_what_is_marked},
    {"closed_tables_are_empty", "a closed table has no number, and can be used again",
     closed_tables_are_empty},
    {"no_memory_for_a_number", "a handle without memory changes nothing", no_memory_for_a_number},
    {"no_memory_for_a_copy", "a copy that fails anywhere gives all back", no_memory_for_a_copy},
    {"like_an_array", "whatever is done, the table is what an array would be", like_an_array},
    {NULL, NULL, NULL},
};
