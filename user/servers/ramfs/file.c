/* Reading, writing and telling of open files. Bytes go straight between pages and clients. */
#include "user/servers/ramfs/file.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "user/runtime/memory.h"
#include "user/servers/ramfs/name.h"

#define SHARE_MIN (4 * PAGE_SIZE) /* a write of so many bytes shares the whole pages in it */
#define FILE_BYTES (sizeof(struct open_file) + SESSION_BYTES)
#define FLAGS_CHANGED (OPEN_APPEND | OPEN_NONBLOCK) /* by OP_SET_FLAGS */

struct open_file *file_create(struct client *client, struct node *node, int flags) {
    struct open_file *file = NULL;
    if (client_claim(client, CLAIM_OPEN, FILE_BYTES))
        return NULL;
    file = block_alloc(sizeof *file);
    if (!file) {
        client_release(client, CLAIM_OPEN, FILE_BYTES);
        return NULL;
    }
    *file = (struct open_file){
        .node = node, .client = client, .flags = flags & (OPEN_ACCESS | FLAGS_CHANGED)};
    client_get(client);
    node->opens++;
    return file;
}

void file_free(struct open_file *file) {
    struct client *client = file->client;
    file->node->opens--;
    node_put(file->node);
    block_free(file);
    client_release(client, CLAIM_OPEN, FILE_BYTES);
    client_put(client);
}

static bool may_read(const struct open_file *file) {
    return (file->flags & OPEN_ACCESS) != OPEN_WRITE;
}

static bool may_write(const struct open_file *file) {
    return (file->flags & OPEN_ACCESS) != OPEN_READ;
}

/* ---- Bytes ---- */

/* Hand nbytes of the file from `offset` on to the client. => nbytes, or as server_write */
static long bytes_send(struct node *node, uint64_t offset, size_t nbytes, uint64_t token) {
    node->lent = node->lent || nbytes >= PAGE_SIZE;
    for (size_t done = 0, part; done < nbytes; done += part) {
        part = node_run(node, offset + done, nbytes - done);
        long copied = server_write_shared(token, done, node_bytes(node, offset + done), part);
        if (copied < 0)
            return copied;
    }
    return (long)nbytes;
}

/* Take so many bytes of the request from `from` on into the file at `offset`; they lie side by side
 * there. Whole pages of a large part are shared with the client. => as server_read */
static long part_receive(struct node *node, uint64_t offset, size_t nbytes,
                         const struct request *request, size_t from) {
    char *bytes = node_bytes(node, offset);
    if (nbytes >= SHARE_MIN) {
        node->lent = true;
        return server_read_shared(request->token, from, bytes, nbytes);
    }
    long error = node_own(node, offset, nbytes);
    return error ? error : request_take(request, from, bytes, nbytes);
}

/* => nbytes, or a negative errno */
static long bytes_receive(struct node *node, uint64_t offset, size_t nbytes,
                          const struct request *request) {
    for (size_t done = 0, part; done < nbytes; done += part) {
        part = node_run(node, offset + done, nbytes - done);
        long copied = part_receive(node, offset + done, part, request, done);
        if (copied < 0)
            return copied == -ENOMEM ? -ENOSPC : copied;
    }
    return (long)nbytes;
}

long file_read(struct open_file *file, struct request *request) {
    if (!may_read(file))
        return -EBADF;
    if (node_is_directory(file->node))
        return -EISDIR;
    bool own = request->word[2] == PROTOCOL_CURRENT;
    uint64_t offset = own ? file->offset : (uint64_t)request->word[2];
    uint64_t size = file->node->nbytes;
    size_t want = min_u64((size_t)request->word[1], request->in_bytes);
    if (offset >= size)
        return 0;
    long done = bytes_send(file->node, offset, min_u64(want, size - offset), request->token);
    if (own && done > 0)
        file->offset += (uint64_t)done;
    return done;
}

/* A write that fails leaves the file as it was, but for bytes that it had before. */
static long node_write(struct node *node, uint64_t offset, size_t nbytes,
                       const struct request *request) {
    uint64_t before = node->nbytes;
    if (offset > FILE_BYTES_MAX)
        return -EFBIG;
    int error = offset + nbytes > before ? node_resize(node, offset + nbytes) : 0;
    if (error)
        return error;
    long done = bytes_receive(node, offset, nbytes, request);
    if (done < 0 && node->nbytes > before)
        node_resize_undo(node, before);
    return done;
}

long file_write(struct open_file *file, struct request *request) {
    struct node *node = file->node;
    size_t want = min_u64((size_t)request->word[1], request->out_bytes);
    if (!may_write(file))
        return -EBADF;
    if (want == 0 || !node_is_file(node))
        return (long)want; /* the null device keeps nothing */
    bool own = request->word[2] == PROTOCOL_CURRENT;
    uint64_t offset = own ? file->offset : (uint64_t)request->word[2];
    if (own && (file->flags & OPEN_APPEND))
        offset = node->nbytes;
    long done = node_write(node, offset, want, request);
    if (own && done > 0)
        file->offset = offset + (uint64_t)done;
    return done;
}

long file_map(struct open_file *file, struct request *request) {
    struct node *node = file->node;
    uint64_t offset = (uint64_t)request->word[1], end = node->npages * PAGE_SIZE;
    if (!may_read(file))
        return -EBADF;
    if (!node_is_file(node))
        return -ENODEV;
    if (offset % PAGE_SIZE != 0)
        return -EINVAL;
    if (offset >= end)
        return 0;
    return bytes_send(node, offset, min_u64(end - offset, request->in_bytes), request->token);
}

/* ---- The rest of an open file ---- */

long file_seek(struct open_file *file, long offset, long whence) {
    long base = whence == WHENCE_START     ? 0
                : whence == WHENCE_CURRENT ? (long)file->offset
                : whence == WHENCE_END     ? (long)file->node->nbytes
                                           : -1;
    long result;
    if (base >= 0 && __builtin_add_overflow(base, offset, &result))
        return -EOVERFLOW;
    if (base < 0 || result < 0)
        return -EINVAL;
    file->offset = (uint64_t)result;
    return result;
}

long file_truncate(struct open_file *file, long size) {
    if (!may_write(file) || size < 0 || !node_is_file(file->node))
        return -EINVAL;
    return node_resize(file->node, (uint64_t)size);
}

long file_set_flags(struct open_file *file, int flags) {
    file->flags = (file->flags & ~FLAGS_CHANGED) | (flags & FLAGS_CHANGED);
    return 0;
}

long file_chmod(struct open_file *file, unsigned mode) {
    file->node->mode = (file->node->mode & MODE_KIND) | (mode & MODE_PERMISSIONS);
    return 0;
}

long node_stat(const struct node *node, struct request *request) {
    static struct protocol_stat stat;
    stat = (struct protocol_stat){.device = DEVICE_FILES,
                                  .inode = node->number,
                                  .mode = node->mode,
                                  .links = node->links,
                                  .size = node->nbytes,
                                  .memory = node->npages * PAGE_SIZE,
                                  .best = PAGE_SIZE};
    return request_stat(request, &stat);
}

/* ---- Names of a directory ---- */

static struct entry *directory_at(const struct open_file *file) {
    bool kept = file->next && file->nremoved == file->node->nremoved;
    return kept && file->next->place == file->offset ? file->next
                                                     : entry_from(file->node, file->offset);
}

static size_t record_bytes(const struct entry *entry) {
    size_t nbytes = offsetof(struct protocol_entry, name) + entry->length + 1;
    return (nbytes + 7) & ~(size_t)7;
}

static void record_fill(struct protocol_entry *record, const struct entry *entry) {
    memset(record, 0, record_bytes(entry));
    record->inode = entry->node->number;
    record->offset = entry->next ? entry->next->place : entry->place + 1;
    record->nbytes = (uint32_t)record_bytes(entry);
    record->mode = entry->node->mode;
    memcpy(record->name, entry->name, entry->length);
}

/* As many records as the answer holds. */
long directory_read(struct open_file *file, struct request *request) {
    static char records[SERVER_DATA_MAX] __attribute__((aligned(8)));
    if (!node_is_directory(file->node))
        return -ENOTDIR;
    size_t used = 0, room = min_u64(sizeof records, request->in_bytes);
    struct entry *entry = directory_at(file);
    if (entry && record_bytes(entry) > room)
        return -EINVAL;
    for (; entry && record_bytes(entry) <= room - used; entry = entry->next) {
        struct protocol_entry *record = (struct protocol_entry *)(records + used);
        record_fill(record, entry);
        used += record->nbytes;
        file->offset = record->offset;
    }
    file->next = entry;
    file->nremoved = file->node->nremoved;
    request->reply_data = records;
    request->reply_bytes = used;
    return (long)used;
}
