# proc/handle.c give_and_close: a handle that is given away is for a moment in both tables
/^long handle_move/,/^}/c\
long handle_move(struct handle_table *from, long number, struct handle_table *to) {\
    struct object *object = handle_get(from, number, NULL);\
    long added = object ? handle_add(to, object, 0, 0) : -EBADF;\
    if (added >= 0)\
        object = handle_take(from, number);\
    if (object) {\
        bool last = object_release(object);\
        assert(!last);\
    }\
    return added;\
}
