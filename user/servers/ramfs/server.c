/* The file server: what its sessions are asked, and the operations on names.
 *
 * A session's badge is the address of its open file; badge 0 is the root directory, open for init.
 * docs/protocols.md has the operations, docs/user-land.md the limits. */
#include "user/servers/server.h"

#include "byre/syscall.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "user/runtime/start.h"
#include "user/servers/ramfs/file.h"
#include "user/servers/ramfs/name.h"

static int port;
static struct node *root;
static struct open_file root_open = {.client = &client_first};
static char paths[2 * PROTOCOL_PATH_MAX]; /* of a request, or of the answer */

/* ---- Paths of requests ---- */

/* Have all of the out buffer, once: what another thread of the client changes later counts no more.
 */
static void request_fetch(struct request *request) {
    if (!request->data && request->out_bytes <= sizeof paths &&
        request_take(request, 0, paths, request->out_bytes) >= 0)
        request->data = paths;
}

/* The request's path, which must end with a 0 inside the data that came; NULL: it does not. */
static const char *request_path(const struct request *request, size_t offset) {
    if (!request->data || offset >= request->out_bytes)
        return NULL;
    size_t left = request->out_bytes - offset;
    return bytes_find(request->data + offset, left, 0) < left ? request->data + offset : NULL;
}

static int lookup(const struct open_file *from, const struct request *request,
                  struct lookup *found) {
    const char *path = request_path(request, 0);
    return path ? path_lookup(root, from->node, path, found) : -EINVAL;
}

/* Both paths of LINK and RENAME: the second follows the first's 0. */
static int lookup_two(const struct open_file *from, const struct request *request,
                      struct lookup *old, struct lookup *new) {
    const char *first = request_path(request, 0);
    const char *second = first ? request_path(request, string_length(first) + 1) : NULL;
    if (!second)
        return -EINVAL;
    int error = path_lookup(root, from->node, first, old);
    if (!error)
        error = path_lookup(root, from->node, second, new);
    return !error && !old->node ? -ENOENT : error;
}

/* ---- Operations on names ---- */

/* A new name for a new node. */
static int name_create(struct client *client, struct lookup *at, unsigned mode) {
    struct node *node = node_create(client, mode);
    if (!node)
        return -ENOSPC;
    int error = entry_add(client, at, node);
    if (error) {
        node_put(node);
        return error;
    }
    at->node = node;
    return 0;
}

static long session_open(struct client *client, struct node *node, int flags,
                         struct request *request) {
    struct open_file *file = file_create(client, node, flags);
    if (!file)
        return -ENOMEM;
    int handle = server_session(port, (uint64_t)(uintptr_t)file);
    if (handle < 0) {
        file_free(file);
        return handle;
    }
    request->reply_handle = handle;
    return 0;
}

/* Whether the flags suit what is there, or is not. */
static int open_check(const struct lookup *at, int flags) {
    bool changes = (flags & OPEN_ACCESS) != OPEN_READ || (flags & (OPEN_CREATE | OPEN_TRUNCATE));
    if (!at->node)
        return at->slash || !(flags & OPEN_CREATE) ? -ENOENT : 0;
    if ((flags & OPEN_CREATE) && (flags & OPEN_EXCLUSIVE))
        return -EEXIST;
    if (node_is_directory(at->node) && changes)
        return -EISDIR;
    return (flags & OPEN_DIRECTORY) && !node_is_directory(at->node) ? -ENOTDIR : 0;
}

static long path_open(const struct open_file *from, struct request *request) {
    int flags = (int)request->word[1];
    bool writes = (flags & OPEN_ACCESS) != OPEN_READ;
    struct lookup at;
    int error = lookup(from, request, &at);
    if (!error)
        error = open_check(&at, flags);
    if (!error && !at.node)
        error = name_create(from->client, &at,
                            MODE_FILE | ((unsigned)request->word[2] & MODE_PERMISSIONS_NEW));
    if (!error && (flags & OPEN_TRUNCATE) && writes && node_is_file(at.node))
        error = node_resize(at.node, 0);
    return error ? error : session_open(from->client, at.node, flags, request);
}

static long path_stat(const struct open_file *from, struct request *request) {
    struct lookup at;
    int error = lookup(from, request, &at);
    if (error)
        return error;
    return at.node ? node_stat(at.node, request) : -ENOENT;
}

static long path_mkdir(const struct open_file *from, struct request *request) {
    struct lookup at;
    int error = lookup(from, request, &at);
    if (error)
        return error;
    return at.node
               ? -EEXIST
               : name_create(from->client, &at,
                             MODE_DIRECTORY | ((unsigned)request->word[1] & MODE_PERMISSIONS_NEW));
}

/* A path that ends in a dot, two, or nothing but /, where a name is wanted. */
static int nameless(const struct lookup *at) { return at->node == root ? -EBUSY : -EINVAL; }

static long path_unlink(const struct open_file *from, struct request *request, long operation) {
    bool directory = operation == OP_RMDIR;
    struct lookup at;
    int error = lookup(from, request, &at);
    if (error)
        return error;
    if (!at.node)
        return -ENOENT;
    if (node_is_directory(at.node) != directory)
        return directory ? -ENOTDIR : -EISDIR;
    if (at.length == 0)
        return nameless(&at);
    if (directory && at.node->first)
        return -ENOTEMPTY;
    entry_remove(entry_of(&at));
    return 0;
}

static long path_link(const struct open_file *from, struct request *request) {
    struct lookup old, new;
    int error = lookup_two(from, request, &old, &new);
    if (error)
        return error;
    if (node_is_directory(old.node))
        return -EPERM;
    if (new.node)
        return -EEXIST;
    return new.slash ? -ENOENT : entry_add(from->client, &new, old.node);
}

static bool node_is_inside(struct node *node, const struct node *directory) {
    while (node != directory && node != node_parent(node))
        node = node_parent(node);
    return node == directory;
}

/* Whether `old` may take the name `new`, which something may have. */
static int rename_check(const struct lookup *old, const struct lookup *new) {
    bool directory = node_is_directory(old->node);
    if (old->length == 0 || new->length == 0)
        return nameless(old->length == 0 ? old : new);
    if (new->slash && !directory)
        return -ENOTDIR;
    if (directory && node_is_inside(new->directory, old->node))
        return -EINVAL;
    if (!new->node)
        return 0;
    if (node_is_directory(new->node) != directory)
        return directory ? -ENOTDIR : -EISDIR;
    return directory && new->node->first ? -ENOTEMPTY : 0;
}

/* The new name is there before the old one goes, so that without memory nothing changes. */
static long path_rename(const struct open_file *from, struct request *request) {
    struct lookup old, new;
    int error = lookup_two(from, request, &old, &new);
    if (!error && old.node == new.node &&old.length > 0 && new.length > 0)
        return 0;
    if (!error)
        error = rename_check(&old, &new);
    if (!error && !new.node)
        error = entry_add(from->client, &new, old.node);
    else if (!error)
        entry_replace(entry_of(&new), old.node);
    if (!error)
        entry_remove(entry_of(&old));
    return error;
}

/* The directory's own path, built from its end. */
static long directory_path(struct node *node, struct request *request) {
    char *start = paths + PROTOCOL_PATH_MAX - 1;
    *start = 0;
    for (; node != root; node = node->name->directory) {
        if (!node->name)
            return -ENOENT;
        size_t length = node->name->length;
        if (length + 1 > (size_t)(start - paths))
            return -ERANGE;
        start -= length;
        memcpy(start, node->name->name, length);
        *--start = '/';
    }
    if (!*start)
        *--start = '/';
    request->reply_data = start;
    request->reply_bytes = string_length(start) + 1;
    return request->reply_bytes > request->in_bytes ? -ERANGE : (long)request->reply_bytes;
}

/* The same directory, for a new client. Only init and the shell make clients. */
static long client_open(const struct open_file *file, struct request *request) {
    if (file->client != &client_first)
        return -EPERM;
    struct client *client = client_create();
    if (!client)
        return -ENOMEM;
    long result = session_open(client, file->node, OPEN_READ, request);
    client_put(client);
    return result;
}

/* ---- The server ---- */

static struct open_file *badge_file(uint64_t badge) {
    return badge ? (struct open_file *)(uintptr_t)badge : &root_open;
}

static long directory_call(struct open_file *file, struct request *request) {
    if (!node_is_directory(file->node))
        return -ENOTDIR;
    request_fetch(request);
    switch (request->word[0]) {
    case OP_OPEN:
        return path_open(file, request);
    case OP_STAT_PATH:
        return path_stat(file, request);
    case OP_MKDIR:
        return path_mkdir(file, request);
    case OP_UNLINK:
    case OP_RMDIR:
        return path_unlink(file, request, request->word[0]);
    case OP_LINK:
        return path_link(file, request);
    case OP_RENAME:
        return path_rename(file, request);
    case OP_GETCWD:
        return directory_path(file->node, request);
    case OP_CLIENT:
        return client_open(file, request);
    default:
        return -ENOSYS;
    }
}

static long ramfs_call(struct request *request) {
    struct open_file *file = badge_file(request->badge);
    switch (request->word[0]) {
    case OP_READ:
        return file_read(file, request);
    case OP_WRITE:
        return file_write(file, request);
    case OP_SEEK:
        return file_seek(file, request->word[1], request->word[2]);
    case OP_STAT:
        return node_stat(file->node, request);
    case OP_TRUNCATE:
        return file_truncate(file, request->word[1]);
    case OP_READDIR:
        return directory_read(file, request);
    case OP_MAP:
        return file_map(file, request);
    case OP_ISATTY:
        return 0;
    case OP_FLAGS:
        return file->flags;
    case OP_SET_FLAGS:
        return file_set_flags(file, (int)request->word[1]);
    case OP_CHMOD:
        return file_chmod(file, (unsigned)request->word[1]);
    default:
        return directory_call(file, request);
    }
}

static void ramfs_closed(uint64_t badge) {
    if (badge)
        file_free(badge_file(badge));
}

/* Programs expect /dev/null to be there. */
static int null_create(void) {
    struct lookup at = {.directory = root, .name = "dev", .length = 3};
    int error = name_create(&client_first, &at, MODE_DIRECTORY | 0755);
    if (error)
        return error;
    at = (struct lookup){.directory = at.node, .name = "null", .length = 4};
    return name_create(&client_first, &at, MODE_DEVICE | 0666);
}

static int root_create(void) {
    root = node_create(&client_first, MODE_DIRECTORY | 0777);
    if (!root)
        return -ENOMEM;
    root->links = 1;
    root_open.node = root;
    return null_create();
}

int main(void) {
    struct memory_info memory;
    if (sys_memory_info(&memory) < 0)
        return 1;
    clients_limit(memory.frames_free / 2 * PAGE_SIZE, memory.frames_free / 16 * PAGE_SIZE);
    if (names_init() < 0 || root_create() < 0)
        return 1;
    port = (int)argument_number("port");
    const struct server server = {.port = port, .call = ramfs_call, .closed = ramfs_closed};
    server_run(&server);
}
