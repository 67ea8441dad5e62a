/* Files by messages: open, write, make a directory, exec. */
#include "user/init/files.h"

#include "byre/handles.h"
#include "byre/protocol.h"
#include "byre/syscall.h"
#include "lib/errno.h"
#include "lib/string.h"

/* A call that sends `out` and receives no data. => word 0 of the reply, or a negative errno */
static long request_send(int session, long words[4], const void *out, size_t nbytes) {
    long error = sys_call(session, words, out, nbytes, NULL, 0, 0);
    return error < 0 ? error : words[0];
}

/* => a handle of the open file, or a negative errno */
static long file_open(const char *path, long flags, long mode) {
    long words[4] = {OP_OPEN, flags, mode};
    long error = request_send(HANDLE_ROOT, words, path, string_length(path) + 1);
    return error < 0 ? error : words[3];
}

long file_put(const char *path, unsigned mode, const char *bytes, size_t nbytes) {
    long result = 0, file = file_open(path, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, mode);
    if (file < 0)
        return file;
    for (size_t done = 0; done < nbytes && result >= 0; done += (size_t)result) {
        long words[4] = {OP_WRITE, (long)(nbytes - done), PROTOCOL_CURRENT};
        result = request_send((int)file, words, bytes + done, nbytes - done);
    }
    (void)sys_handle_close((int)file);
    return result < 0 ? result : 0;
}

long directory_make(const char *path, unsigned mode) {
    long words[4] = {OP_MKDIR, mode};
    return request_send(HANDLE_ROOT, words, path, string_length(path) + 1);
}

/* ---- Programs ---- */

struct image {
    void *bytes;
    size_t nbytes;
};

/* The file's pages, mapped copy-on-write. => 0 or a negative errno */
static long image_map(int file, struct image *image) {
    struct protocol_stat stat;
    long words[4] = {OP_STAT};
    long error = sys_call(file, words, NULL, 0, &stat, sizeof stat, 0);
    if (error < 0 || words[0] < 0)
        return error < 0 ? error : words[0];
    size_t nbytes = page_round_up(stat.size);
    long address = nbytes ? sys_map(0, nbytes, MAP_READ | MAP_WRITE) : -ENOEXEC;
    if (address < 0)
        return address;
    *image = (struct image){(void *)address, stat.size};
    long map[4] = {OP_MAP, 0};
    error = sys_call(file, map, NULL, 0, image->bytes, nbytes, 0);
    return error < 0 ? error : map[0] < 0 ? map[0] : 0;
}

long program_exec(const char *path, const char *const *words, uint32_t nwords) {
    static char block[8192] __attribute__((aligned(8)));
    struct image image = {0};
    size_t used = sizeof(struct argument_block);
    *(struct argument_block *)block = (struct argument_block){.argc = nwords};
    for (uint32_t i = 0; i < nwords; i++) {
        size_t nbytes = string_length(words[i]) + 1;
        if (nbytes > sizeof block - used)
            return -E2BIG;
        memcpy(block + used, words[i], nbytes);
        used += nbytes;
    }
    long file = file_open(path, OPEN_READ, 0);
    long error = file < 0 ? file : image_map((int)file, &image);
    if (file >= 0)
        (void)sys_handle_close((int)file);
    return error < 0 ? error : sys_exec(image.bytes, image.nbytes, block, used);
}
