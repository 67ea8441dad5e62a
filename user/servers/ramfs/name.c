/* The table of names, the lists of directories, and paths. */
#include "user/servers/ramfs/name.h"

#include "byre/syscall.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "user/runtime/memory.h"

#define BUCKETS_FIRST 256

static struct entry **buckets;
static size_t nbuckets; /* a power of two */
static size_t nentries;
static uint64_t next_place = 1;
static uint32_t seed;

/* ---- The table ---- */

static struct entry **buckets_alloc(size_t n) {
    struct entry **table = block_alloc(n * sizeof *table);
    if (table)
        memset(table, 0, n * sizeof *table);
    return table;
}

int names_init(void) {
    seed = (uint32_t)sys_clock();
    nbuckets = BUCKETS_FIRST;
    buckets = buckets_alloc(nbuckets);
    return buckets ? 0 : -ENOMEM;
}

/* FNV-1a, from a start of each directory's own. */
static uint32_t hash_of(const struct node *directory, const char *name, size_t length) {
    uint32_t hash = seed ^ (uint32_t)directory->number * 0x9e3779b1U;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619U;
    return hash ^ hash >> 15;
}

static struct entry **bucket_of(uint32_t hash) { return &buckets[hash & (nbuckets - 1)]; }

/* The link that leads to the name, or the NULL at the chain's end. */
static struct entry **link_find(const struct node *directory, const char *name, size_t length) {
    uint32_t hash = hash_of(directory, name, length);
    struct entry **link = bucket_of(hash);
    for (; *link; link = &(*link)->chain)
        if ((*link)->hash == hash && (*link)->directory == directory && (*link)->length == length &&
            memcmp((*link)->name, name, length) == 0)
            break;
    return link;
}

/* Without memory the chains stay as long as they are. */
static void table_grow(void) {
    struct entry **old = buckets, **table = buckets_alloc(2 * nbuckets);
    size_t n = nbuckets;
    if (!table)
        return;
    buckets = table;
    nbuckets = 2 * n;
    for (size_t i = 0; i < n; i++)
        for (struct entry *entry = old[i], *next; entry; entry = next) {
            next = entry->chain;
            entry->chain = *bucket_of(entry->hash);
            *bucket_of(entry->hash) = entry;
        }
    block_free(old);
}

/* ---- Entries ---- */

/* With its part of the table, which has up to two places for each. */
static size_t entry_bytes(size_t length) {
    return sizeof(struct entry) + length + 2 * sizeof(struct entry *);
}

static void directory_append(struct node *directory, struct entry *entry) {
    entry->before = directory->last;
    *(directory->last ? &directory->last->next : &directory->first) = entry;
    directory->last = entry;
}

int entry_add(struct client *client, const struct lookup *at, struct node *node) {
    struct node *directory = at->directory;
    if (directory->links == 0)
        return -ENOENT;
    if (client_claim(client, CLAIM_KEPT, entry_bytes(at->length)))
        return -ENOSPC;
    struct entry *entry = block_alloc(sizeof *entry + at->length);
    if (!entry) {
        client_release(client, CLAIM_KEPT, entry_bytes(at->length));
        return -ENOSPC;
    }
    *entry = (struct entry){.directory = directory,
                            .node = node,
                            .client = client,
                            .place = next_place++,
                            .hash = hash_of(directory, at->name, at->length),
                            .length = (uint32_t)at->length};
    memcpy(entry->name, at->name, at->length);
    if (++nentries > nbuckets)
        table_grow();
    entry->chain = *bucket_of(entry->hash);
    *bucket_of(entry->hash) = entry;
    directory_append(directory, entry);
    client_get(client);
    node->links++;
    if (node_is_directory(node))
        node->name = entry;
    return 0;
}

struct entry *entry_of(const struct lookup *at) {
    return *link_find(at->directory, at->name, at->length);
}

/* A name less leads to the node. A directory has one name, which may be another by now. */
static void node_unlink(struct node *node, const struct entry *entry) {
    if (node->name == entry)
        node->name = NULL;
    node->links--;
    node_put(node);
}

void entry_remove(struct entry *entry) {
    struct node *directory = entry->directory;
    struct client *client = entry->client;
    struct entry **link = bucket_of(entry->hash);
    while (*link != entry)
        link = &(*link)->chain;
    *link = entry->chain;
    *(entry->before ? &entry->before->next : &directory->first) = entry->next;
    *(entry->next ? &entry->next->before : &directory->last) = entry->before;
    directory->nremoved++;
    nentries--;
    node_unlink(entry->node, entry);
    client_release(client, CLAIM_KEPT, entry_bytes(entry->length));
    block_free(entry);
    client_put(client);
}

void entry_replace(struct entry *entry, struct node *node) {
    struct node *before = entry->node;
    entry->node = node;
    node->links++;
    node_unlink(before, entry);
    if (node_is_directory(node))
        node->name = entry;
}

struct entry *entry_from(const struct node *directory, uint64_t place) {
    struct entry *entry = directory->first;
    if (!directory->last || directory->last->place < place)
        return NULL;
    while (entry && entry->place < place)
        entry = entry->next;
    return entry;
}

struct node *node_parent(struct node *directory) {
    return directory->name ? directory->name->directory : directory;
}

/* ---- Paths ---- */

static bool name_is_dots(const char *name, size_t length) {
    return name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
}

static struct node *step(struct node *directory, const char *name, size_t length) {
    if (name_is_dots(name, length))
        return length == 1 ? directory : node_parent(directory);
    struct entry *entry = *link_find(directory, name, length);
    return entry ? entry->node : NULL;
}

int path_lookup(struct node *root, struct node *start, const char *path, struct lookup *found) {
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
        if (found->slash && found->node && !node_is_directory(found->node))
            return -ENOTDIR;
    }
    if (found->length && name_is_dots(found->name, found->length))
        found->length = 0;
    return 0;
}
