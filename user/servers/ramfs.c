/* The RAM file system: directories, files and hard links, in this process's memory.
 *
 * A node lives while it has a name or an open session. A session is an open file description: it
 * carries the offset, so that fork and dup share it. File bytes lie in whole, page-aligned pages
 * and go straight between them and the client. Pages are counted against a limit, a share of RAM,
 * so that a full file system is ENOSPC and never a fault for want of memory.
 * docs/user-land.md tells the story. */
#include "user/servers/server.h"

#include "byre/syscall.h"
#include "lib/string.h"
#include "user/runtime/memory.h"
#include "user/runtime/start.h"

#define PAGE USER_PAGE_SIZE
#define SHARE_MIN (4 * PAGE) /* a write of so many bytes shares the whole pages in it */
#define FILE_BYTES_MAX ((uint64_t)1 << 40)
#define FLAGS_CHANGED (OPEN_APPEND | OPEN_NONBLOCK) /* by OP_SET_FLAGS */
#define FLAGS_KEPT (OPEN_ACCESS | FLAGS_CHANGED)    /* told by OP_FLAGS */

struct entry {
    struct entry *next;
    struct node *node;
    uint64_t place; /* rises along the directory, so that a reader finds its way when others go */
    size_t length;  /* of the name */
    char name[];
};

struct node {
    uint64_t number;
    unsigned
        mode; /* MODE_DIRECTORY, MODE_FILE or MODE_DEVICE (keeps nothing), and permission bits */
    unsigned links;        /* names */
    unsigned opens;        /* sessions */
    uint64_t nbytes;       /* a file's size */
    char **pages;          /* a file's bytes; beyond nbytes they are zero */
    size_t npages;         /* pages present */
    size_t room;           /* of the array */
    bool lent;             /* pages may be absent or a client's too: a store may need a new one */
    struct node *parent;   /* of a directory; the root's is itself; NULL once removed */
    struct entry *entries; /* of a directory, newest last */
};

struct open_file {
    struct node *node;
    int flags; /* of open */
    uint64_t offset;
};

static int port;
static struct node *root;
static struct open_file root_open; /* the badge 0 session: init's */
static uint64_t next_number = 1, next_place = 1;
static size_t pages_used, pages_limit;
static char paths[2 * PROTOCOL_PATH_MAX]; /* of a request, or of the answer */

/* ---- Pages ---- */

static char *page_alloc(void) {
    char *page = pages_used < pages_limit ? pages_map(1) : NULL;
    pages_used += page != NULL;
    return page;
}

/* Add pages up to `need` of them, side by side where possible: then many go in one message, and
 * each is made when bytes come for it, unless it is the client's. */
static bool pages_add(struct node *node, size_t need) {
    size_t missing = need - node->npages;
    long run = missing > 1 ? sys_map(0, missing * PAGE, MAP_READ | MAP_WRITE) : -1;
    if (run >= 0) {
        pages_used += missing;
        node->lent = true;
    }
    for (char *page = (char *)run; run >= 0 && node->npages < need; page += PAGE)
        node->pages[node->npages++] = page;
    for (; node->npages < need; node->npages++)
        if (!(node->pages[node->npages] = page_alloc()))
            return false;
    return true;
}

static void page_free(char *page) {
    pages_used--;
    pages_unmap(page, 1);
}

/* Make the file's pages reach `nbytes`. => 0 or -ENOSPC: some more may be there, all zero */
static int pages_ensure(struct node *node, uint64_t nbytes) {
    size_t need = (nbytes + PAGE - 1) / PAGE;
    if (need > node->npages && need - node->npages > pages_limit - pages_used)
        return -ENOSPC;
    if (need > node->room) {
        size_t room = need + need / 2;
        char **pages = block_alloc(room * sizeof *pages);
        if (!pages)
            return -ENOSPC;
        memcpy(pages, node->pages, node->npages * sizeof *pages);
        block_free(node->pages);
        node->pages = pages;
        node->room = room;
    }
    return need <= node->npages || pages_add(node, need) ? 0 : -ENOSPC;
}

/* How many of nbytes from `offset` on lie side by side in this process. */
static size_t run_bytes(const struct node *node, uint64_t offset, size_t nbytes) {
    size_t page = offset / PAGE, run = PAGE - offset % PAGE;
    for (; run < nbytes && node->pages[page + 1] == node->pages[page] + PAGE; page++)
        run += PAGE;
    return run < nbytes ? run : nbytes;
}

static char *file_bytes(const struct node *node, uint64_t offset) {
    return node->pages[offset / PAGE] + offset % PAGE;
}

/* Make the pages of these bytes present and ours alone, so that a store to them needs no memory.
 * => 0 or -ENOSPC */
static int pages_own(const struct node *node, uint64_t offset, size_t nbytes) {
    for (size_t done = 0, part; node->lent && done < nbytes; done += part) {
        part = run_bytes(node, offset + done, nbytes - done);
        if (sys_fill((uintptr_t)file_bytes(node, offset + done), part) < 0)
            return -ENOSPC;
    }
    return 0;
}

static void pages_cut(struct node *node, uint64_t nbytes) {
    size_t keep = (nbytes + PAGE - 1) / PAGE;
    while (node->npages > keep)
        page_free(node->pages[--node->npages]);
    if (keep == 0)
        node->lent = false;
}

/* => 0, or -errno and nothing changed. The page in which the shorter of the two sizes ends is ours
 * alone afterwards: so to cut off again what was just added cannot fail. */
static int node_resize(struct node *node, uint64_t nbytes) {
    if (nbytes > FILE_BYTES_MAX)
        return -EFBIG;
    uint64_t end = nbytes < node->nbytes ? nbytes : node->nbytes;
    int error = end % PAGE ? pages_own(node, end, 1) : 0;
    if (!error)
        error = pages_ensure(node, nbytes);
    if (error) {
        pages_cut(node, node->nbytes);
        return error;
    }
    pages_cut(node, nbytes);
    if (nbytes < node->nbytes && nbytes % PAGE)
        memset(file_bytes(node, nbytes), 0, PAGE - nbytes % PAGE);
    node->nbytes = nbytes;
    return 0;
}

/* ---- Nodes and names ---- */

static struct node *node_alloc(unsigned mode) {
    struct node *node = block_alloc(sizeof *node);
    if (node)
        *node = (struct node){.mode = mode, .number = next_number++};
    return node;
}

static bool node_is_file(const struct node *node) { return (node->mode & MODE_KIND) == MODE_FILE; }

static bool node_is_directory(const struct node *node) {
    return (node->mode & MODE_KIND) == MODE_DIRECTORY;
}

static void node_put(struct node *node) {
    if (node->links || node->opens)
        return;
    while (node->npages)
        page_free(node->pages[--node->npages]);
    block_free(node->pages);
    block_free(node);
}

/* The link that leads to the name, or the NULL link at the end. */
static struct entry **entry_find(struct node *directory, const char *name, size_t length) {
    struct entry **link = &directory->entries;
    while (*link && ((*link)->length != length || memcmp((*link)->name, name, length)))
        link = &(*link)->next;
    return link;
}

static int entry_add(struct node *directory, const char *name, size_t length, struct node *node) {
    if (!directory->parent)
        return -ENOENT; /* a removed directory takes no new names */
    struct entry *entry = block_alloc(sizeof *entry + length);
    if (!entry)
        return -ENOSPC;
    *entry = (struct entry){.node = node, .place = next_place++, .length = length};
    memcpy(entry->name, name, length);
    *entry_find(directory, name, length) = entry;
    node->links++;
    if (node_is_directory(node))
        node->parent = directory;
    return 0;
}

static void entry_remove(struct entry **link) {
    struct entry *entry = *link;
    struct node *node = entry->node;
    *link = entry->next;
    block_free(entry);
    node->links--;
    if (node_is_directory(node))
        node->parent = NULL;
    node_put(node);
}

/* ---- Paths ---- */

struct lookup {
    struct node *directory; /* where the last name is, or would be */
    const char *name;       /* the last name; length 0: the path names `node` itself */
    size_t length;
    bool slash;        /* one stands behind the last name: only a directory can be there */
    struct node *node; /* NULL: no such name */
};

static struct node *step(struct node *directory, const char *name, size_t length) {
    if (length == 1 && name[0] == '.')
        return directory;
    if (length == 2 && name[0] == '.' && name[1] == '.')
        return directory->parent ? directory->parent : directory;
    struct entry *entry = *entry_find(directory, name, length);
    return entry ? entry->node : NULL;
}

static bool name_is_dots(const char *name, size_t length) {
    return name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
}

/* Walk the path. Only the last name may be absent. */
static int path_lookup(struct node *start, const char *path, struct lookup *found) {
    if (!*path)
        return -ENOENT;
    *found = (struct lookup){.node = *path == '/' ? root : start, .name = ""};
    for (path += string_span(path, '/'); *path; path += string_span(path, '/')) {
        if (!found->node)
            return -ENOENT;
        if (!node_is_directory(found->node))
            return -ENOTDIR;
        found->directory = found->node;
        found->name = path;
        found->length = string_find(path, '/');
        if (found->length > PROTOCOL_NAME_MAX)
            return -ENAMETOOLONG;
        path += found->length;
        found->slash = *path == '/';
        found->node = step(found->directory, found->name, found->length);
        if (*path == '/' && found->node && !node_is_directory(found->node))
            return -ENOTDIR;
    }
    if (found->length && name_is_dots(found->name, found->length))
        found->length = 0;
    return 0;
}

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

/* ---- Operations on an open file ---- */

/* Hand nbytes of the file from `offset` on to the client. => as server_write */
static long file_send(struct node *node, uint64_t offset, size_t nbytes, uint64_t token) {
    node->lent = node->lent || nbytes >= PAGE;
    for (size_t done = 0, part; done < nbytes; done += part) {
        part = run_bytes(node, offset + done, nbytes - done);
        long copied = server_write_shared(token, done, file_bytes(node, offset + done), part);
        if (copied < 0)
            return copied;
    }
    return (long)nbytes;
}

static long file_map(struct open_file *file, struct request *request) {
    struct node *node = file->node;
    uint64_t offset = (uint64_t)request->word[1], end = node->npages * PAGE;
    if ((file->flags & OPEN_ACCESS) == OPEN_WRITE)
        return -EBADF;
    if (!node_is_file(node))
        return -ENODEV;
    if (offset % PAGE != 0)
        return -EINVAL;
    if (offset >= end)
        return 0;
    size_t nbytes = end - offset < request->in_bytes ? end - offset : request->in_bytes;
    return file_send(node, offset, nbytes, request->token);
}

static long file_read(struct open_file *file, struct request *request) {
    if ((file->flags & OPEN_ACCESS) == OPEN_WRITE)
        return -EBADF;
    if (node_is_directory(file->node))
        return -EISDIR;
    bool own = request->word[2] == PROTOCOL_CURRENT;
    uint64_t offset = own ? file->offset : (uint64_t)request->word[2];
    uint64_t size = file->node->nbytes;
    size_t want =
        (size_t)request->word[1] < request->in_bytes ? (size_t)request->word[1] : request->in_bytes;
    if (offset >= size)
        return 0;
    if (want > size - offset)
        want = size - offset;
    long done = file_send(file->node, offset, want, request->token);
    if (own && done > 0)
        file->offset += (uint64_t)done;
    return done;
}

/* Take so many bytes of the request from `from` on into the file at `offset`; they lie side by side
 * there. Whole pages of a large part are shared with the client. => as server_read */
static long write_part(struct node *node, uint64_t offset, size_t nbytes, struct request *request,
                       size_t from) {
    char *bytes = file_bytes(node, offset);
    if (nbytes >= SHARE_MIN) {
        node->lent = true;
        return server_read_shared(request->token, from, bytes, nbytes);
    }
    long error = pages_own(node, offset, nbytes);
    return error ? error : request_take(request, from, bytes, nbytes);
}

static long file_write(struct open_file *file, struct request *request) {
    if ((file->flags & OPEN_ACCESS) == OPEN_READ)
        return -EBADF;
    bool own = request->word[2] == PROTOCOL_CURRENT;
    uint64_t offset = own ? file->offset : (uint64_t)request->word[2];
    if (own && (file->flags & OPEN_APPEND))
        offset = file->node->nbytes;
    size_t want = (size_t)request->word[1] < request->out_bytes ? (size_t)request->word[1]
                                                                : request->out_bytes;
    if (want == 0 || (file->node->mode & MODE_KIND) == MODE_DEVICE)
        return (long)want;
    if (offset > FILE_BYTES_MAX)
        return -EFBIG;
    uint64_t before = file->node->nbytes;
    long error = offset + want > before ? node_resize(file->node, offset + want) : 0;
    if (error)
        return error;
    size_t done = 0;
    while (done < want && !error) {
        size_t part = run_bytes(file->node, offset + done, want - done);
        long copied = write_part(file->node, offset + done, part, request, done);
        error = copied < 0 ? copied : 0;
        done += part;
    }
    if (error) {
        if (file->node->nbytes > before)
            (void)node_resize(file->node, before);
        return error == -ENOMEM ? -ENOSPC : error;
    }
    if (own)
        file->offset = offset + done;
    return (long)done;
}

static long file_seek(struct open_file *file, long offset, long whence) {
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

static long node_stat(const struct node *node, struct request *request) {
    static struct protocol_stat stat;
    stat = (struct protocol_stat){
        .inode = node->number, .size = node->nbytes, .mode = node->mode, .links = node->links};
    if (request->in_bytes < sizeof stat)
        return -EINVAL;
    request->reply_data = &stat;
    request->reply_bytes = sizeof stat;
    return 0;
}

/* One entry a call: the session's offset is the place from which it goes on. Result 0: no more. */
static long directory_read(struct open_file *file, struct request *request) {
    static struct protocol_entry answer;
    if (!node_is_directory(file->node))
        return -ENOTDIR;
    if (request->in_bytes < sizeof answer)
        return -EINVAL;
    struct entry *entry = file->node->entries;
    while (entry && entry->place < file->offset)
        entry = entry->next;
    if (!entry)
        return 0;
    file->offset = entry->place + 1;
    memset(&answer, 0, sizeof answer);
    answer.inode = entry->node->number;
    answer.mode = entry->node->mode;
    memcpy(answer.name, entry->name, entry->length);
    request->reply_data = &answer;
    request->reply_bytes = sizeof answer;
    return 1;
}

/* ---- Operations on a directory ---- */

/* A new name for a new node. */
static int node_create(const struct lookup *at, unsigned mode, struct node **made) {
    struct node *node = node_alloc(mode);
    if (!node)
        return -ENOSPC;
    int error = entry_add(at->directory, at->name, at->length, node);
    if (error) {
        block_free(node);
        return error;
    }
    *made = node;
    return 0;
}

static long session_open(struct node *node, int flags, struct request *request) {
    struct open_file *file = block_alloc(sizeof *file);
    if (!file)
        return -ENOMEM;
    *file = (struct open_file){.node = node, .flags = flags};
    int handle = server_session(port, (uint64_t)(uintptr_t)file);
    if (handle < 0) {
        block_free(file);
        return handle;
    }
    node->opens++;
    request->reply_handle = handle;
    return 0;
}

static long path_open(struct node *start, struct request *request) {
    int flags = (int)request->word[1];
    const char *path = request_path(request, 0);
    struct lookup at;
    int error = path ? path_lookup(start, path, &at) : -EINVAL;
    if (error)
        return error;
    if (at.node && (flags & (OPEN_CREATE | OPEN_EXCLUSIVE)) == (OPEN_CREATE | OPEN_EXCLUSIVE))
        return -EEXIST;
    bool writes = (flags & OPEN_ACCESS) != OPEN_READ;
    if (at.node && node_is_directory(at.node) &&
        (writes || (flags & (OPEN_CREATE | OPEN_TRUNCATE))))
        return -EISDIR;
    if (at.node && (flags & OPEN_DIRECTORY) && !node_is_directory(at.node))
        return -ENOTDIR;
    if (!at.node && (at.slash || !(flags & OPEN_CREATE)))
        return -ENOENT;
    if (!at.node)
        error = node_create(&at, MODE_FILE | ((unsigned)request->word[2] & 0777), &at.node);
    if (!error && (flags & OPEN_TRUNCATE) && writes)
        error = node_resize(at.node, 0);
    return error ? error : session_open(at.node, flags, request);
}

static long path_stat(struct node *start, struct request *request) {
    const char *path = request_path(request, 0);
    struct lookup at;
    int error = path ? path_lookup(start, path, &at) : -EINVAL;
    if (error)
        return error;
    return at.node ? node_stat(at.node, request) : -ENOENT;
}

static long path_mkdir(struct node *start, struct request *request) {
    const char *path = request_path(request, 0);
    struct lookup at;
    int error = path ? path_lookup(start, path, &at) : -EINVAL;
    if (error)
        return error;
    if (at.node)
        return -EEXIST;
    return node_create(&at, MODE_DIRECTORY | ((unsigned)request->word[1] & 0777), &at.node);
}

/* A path that ends in a dot, two, or nothing but /, where a name is wanted. */
static int nameless(const struct lookup *at) { return at->node == root ? -EBUSY : -EINVAL; }

static long path_unlink(struct node *start, struct request *request, bool directory) {
    const char *path = request_path(request, 0);
    struct lookup at;
    int error = path ? path_lookup(start, path, &at) : -EINVAL;
    if (error)
        return error;
    if (!at.node)
        return -ENOENT;
    if (node_is_directory(at.node) != directory)
        return directory ? -ENOTDIR : -EISDIR;
    if (at.length == 0)
        return nameless(&at);
    if (directory && at.node->entries)
        return -ENOTEMPTY;
    entry_remove(entry_find(at.directory, at.name, at.length));
    return 0;
}

/* Both paths of LINK and RENAME: the second follows the first's 0. */
static int paths_lookup(struct node *start, struct request *request, struct lookup *from,
                        struct lookup *to) {
    const char *old = request_path(request, 0);
    const char *new = old ? request_path(request, string_length(old) + 1) : NULL;
    if (!new)
        return -EINVAL;
    int error = path_lookup(start, old, from);
    if (!error)
        error = path_lookup(start, new, to);
    if (!error && !from->node)
        error = -ENOENT;
    return error;
}

static long path_link(struct node *start, struct request *request) {
    struct lookup from, to;
    int error = paths_lookup(start, request, &from, &to);
    if (error)
        return error;
    if (node_is_directory(from.node))
        return -EPERM;
    if (to.node)
        return -EEXIST;
    if (to.slash)
        return -ENOENT;
    return entry_add(to.directory, to.name, to.length, from.node);
}

static bool node_is_inside(const struct node *node, const struct node *directory) {
    while (node && node != directory && node != root)
        node = node->parent;
    return node == directory;
}

/* Whether `to`, which exists, may be replaced by `from`. */
static int rename_check(const struct lookup *from, const struct lookup *to) {
    if (node_is_directory(to->node) && !node_is_directory(from->node))
        return -EISDIR;
    if (!node_is_directory(to->node) && node_is_directory(from->node))
        return -ENOTDIR;
    return node_is_directory(to->node) && to->node->entries ? -ENOTEMPTY : 0;
}

/* The new name is made before the old one goes, so that no memory changes nothing. */
static long path_rename(struct node *start, struct request *request) {
    struct lookup from, to;
    int error = paths_lookup(start, request, &from, &to);
    if (error)
        return error;
    if (from.length == 0 || to.length == 0)
        return nameless(from.length == 0 ? &from : &to);
    if (to.node == from.node)
        return 0;
    if (to.slash && !node_is_directory(from.node))
        return -ENOTDIR;
    if (node_is_directory(from.node) && node_is_inside(to.directory, from.node))
        return -EINVAL;
    if (to.node && (error = rename_check(&from, &to)))
        return error;
    struct node *node = from.node;
    if (!to.node) {
        if ((error = entry_add(to.directory, to.name, to.length, node)))
            return error;
    } else {
        struct entry *entry = *entry_find(to.directory, to.name, to.length);
        entry->node = node;
        node->links++;
        to.node->links--;
        to.node->parent = NULL;
        node_put(to.node);
    }
    entry_remove(entry_find(from.directory, from.name, from.length));
    if (node_is_directory(node))
        node->parent = to.directory;
    return 0;
}

/* The directory's own path, built from its end. */
static long directory_path(struct node *node, struct request *request) {
    char *start = paths + PROTOCOL_PATH_MAX - 1;
    *start = 0;
    for (; node != root; node = node->parent) {
        if (!node->parent)
            return -ENOENT;
        struct entry *entry = node->parent->entries;
        while (entry->node != node)
            entry = entry->next;
        size_t length = entry->length;
        if (length + 1 > (size_t)(start - paths))
            return -ERANGE;
        start -= length;
        memcpy(start, entry->name, length);
        *--start = '/';
    }
    if (!*start)
        *--start = '/';
    request->reply_data = start;
    request->reply_bytes = string_length(start) + 1;
    return request->reply_bytes > request->in_bytes ? -ERANGE : (long)request->reply_bytes;
}

/* ---- The server ---- */

static struct open_file *badge_file(uint64_t badge) {
    return badge ? (struct open_file *)(uintptr_t)badge : &root_open;
}

static long directory_call(struct node *node, struct request *request) {
    if (!node_is_directory(node))
        return -ENOTDIR;
    request_fetch(request);
    switch (request->word[0]) {
    case OP_OPEN:
        return path_open(node, request);
    case OP_STAT_PATH:
        return path_stat(node, request);
    case OP_MKDIR:
        return path_mkdir(node, request);
    case OP_UNLINK:
        return path_unlink(node, request, false);
    case OP_RMDIR:
        return path_unlink(node, request, true);
    case OP_LINK:
        return path_link(node, request);
    case OP_RENAME:
        return path_rename(node, request);
    case OP_GETCWD:
        return directory_path(node, request);
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
        if ((file->flags & OPEN_ACCESS) == OPEN_READ || request->word[1] < 0 ||
            !node_is_file(file->node))
            return -EINVAL;
        return node_resize(file->node, (uint64_t)request->word[1]);
    case OP_READDIR:
        return directory_read(file, request);
    case OP_MAP:
        return file_map(file, request);
    case OP_ISATTY:
        return 0;
    case OP_FLAGS:
        return file->flags & FLAGS_KEPT;
    case OP_SET_FLAGS:
        file->flags = (file->flags & ~FLAGS_CHANGED) | ((int)request->word[1] & FLAGS_CHANGED);
        return 0;
    case OP_CHMOD:
        file->node->mode = (file->node->mode & MODE_KIND) | ((unsigned)request->word[1] & 07777);
        return 0;
    default:
        return directory_call(file->node, request);
    }
}

static void ramfs_closed(uint64_t badge) {
    if (!badge)
        return;
    struct open_file *file = badge_file(badge);
    file->node->opens--;
    node_put(file->node);
    block_free(file);
}

/* Programs expect /dev/null to be there. */
static int null_create(void) {
    struct lookup at = {.directory = root, .name = "dev", .length = 3};
    int error = node_create(&at, MODE_DIRECTORY | 0755, &at.node);
    if (error)
        return error;
    at = (struct lookup){.directory = at.node, .name = "null", .length = 4};
    return node_create(&at, MODE_DEVICE | 0666, &at.node);
}

int main(void) {
    struct memory_info memory;
    if (sys_memory_info(&memory) < 0)
        return 1;
    pages_limit = memory.frames_free / 2;
    root = node_alloc(MODE_DIRECTORY | 0777);
    if (!root)
        return 1;
    root->parent = root;
    root->links = 1;
    root_open.node = root;
    if (null_create() < 0)
        return 1;
    port = (int)argument_number("port");
    const struct server server = {.port = port, .call = ramfs_call, .closed = ramfs_closed};
    server_run(&server);
}
