/* Nodes and their pages.
 *
 * Pages that a file grows by lie side by side where possible, so that many go in one message. They
 * are made when bytes come for them, and may be the client's own. So a store to a page goes by
 * node_own first, which finds out whether there is memory for it. */
#include "user/servers/ramfs/node.h"

#include "byre/syscall.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "user/runtime/memory.h"

static uint64_t next_number = 1;

/* ---- Pages ---- */

static int pages_claim(struct node *node, size_t npages) {
    return client_claim(node->client, CLAIM_KEPT, npages * PAGE_SIZE);
}

static void pages_release(struct node *node, size_t npages) {
    client_release(node->client, CLAIM_KEPT, npages * PAGE_SIZE);
}

/* Make room in the array. The array itself is counted too. */
static int array_ensure(struct node *node, size_t need) {
    if (need <= node->room)
        return 0;
    size_t room = need + need / 2;
    if (client_claim(node->client, CLAIM_KEPT, (room - node->room) * sizeof *node->pages))
        return -ENOSPC;
    char **pages = block_alloc(room * sizeof *pages);
    if (!pages) {
        client_release(node->client, CLAIM_KEPT, (room - node->room) * sizeof *node->pages);
        return -ENOSPC;
    }
    memcpy(pages, node->pages, node->npages * sizeof *pages);
    block_free(node->pages);
    node->pages = pages;
    node->room = room;
    return 0;
}

/* Add pages up to `need` of them, which are counted already. => 0, or -ENOSPC and some are there */
static int pages_add(struct node *node, size_t need) {
    size_t missing = need - node->npages;
    long run = missing > 1 ? sys_map(0, missing * PAGE_SIZE, MAP_READ | MAP_WRITE) : -1;
    if (run >= 0)
        node->lent = true;
    for (char *page = (char *)run; run >= 0 && node->npages < need; page += PAGE_SIZE)
        node->pages[node->npages++] = page;
    for (; node->npages < need; node->npages++)
        if (!(node->pages[node->npages] = pages_map(1)))
            return -ENOSPC;
    return 0;
}

/* Give back the pages from `keep` on, as many at once as lie side by side. */
static void pages_drop(struct node *node, size_t keep) {
    if (keep < node->npages)
        pages_release(node, node->npages - keep);
    while (node->npages > keep) {
        size_t start = node->npages - 1;
        while (start > keep && node->pages[start - 1] + PAGE_SIZE == node->pages[start])
            start--;
        pages_unmap(node->pages[start], node->npages - start);
        node->npages = start;
    }
}

static void array_drop(struct node *node) {
    client_release(node->client, CLAIM_KEPT, node->room * sizeof *node->pages);
    block_free(node->pages);
    node->pages = NULL;
    node->room = 0;
    node->lent = false;
}

/* Make the file's pages reach `nbytes`. => 0, or -ENOSPC and nothing changed */
static int pages_ensure(struct node *node, uint64_t nbytes) {
    size_t need = (nbytes + PAGE_MASK) / PAGE_SIZE, before = node->npages;
    if (need <= before)
        return 0;
    if (array_ensure(node, need) || pages_claim(node, need - before))
        return -ENOSPC;
    if (pages_add(node, need) == 0)
        return 0;
    pages_release(node, need - node->npages);
    pages_drop(node, before);
    return -ENOSPC;
}

size_t node_run(const struct node *node, uint64_t offset, size_t nbytes) {
    size_t page = offset / PAGE_SIZE, run = PAGE_SIZE - offset % PAGE_SIZE;
    for (; run < nbytes && node->pages[page + 1] == node->pages[page] + PAGE_SIZE; page++)
        run += PAGE_SIZE;
    return min_u64(run, nbytes);
}

char *node_bytes(const struct node *node, uint64_t offset) {
    return node->pages[offset / PAGE_SIZE] + offset % PAGE_SIZE;
}

int node_own(const struct node *node, uint64_t offset, size_t nbytes) {
    for (size_t done = 0, part; node->lent && done < nbytes; done += part) {
        part = node_run(node, offset + done, nbytes - done);
        if (sys_fill((uintptr_t)node_bytes(node, offset + done), part) < 0)
            return -ENOSPC;
    }
    return 0;
}

/* ---- Sizes ---- */

/* needs: the page in which `nbytes` ends is ours alone */
static void node_cut(struct node *node, uint64_t nbytes) {
    pages_drop(node, (nbytes + PAGE_MASK) / PAGE_SIZE);
    if (nbytes == 0)
        array_drop(node);
    if (nbytes < node->nbytes && nbytes % PAGE_SIZE)
        memset(node_bytes(node, nbytes), 0, PAGE_SIZE - nbytes % PAGE_SIZE);
    node->nbytes = nbytes;
}

/* The page in which the shorter of the two sizes ends becomes ours alone. That is what makes it
 * possible to take back what was added: nothing shares a part of a page. */
int node_resize(struct node *node, uint64_t nbytes) {
    uint64_t end = min_u64(nbytes, node->nbytes);
    if (nbytes > FILE_BYTES_MAX)
        return -EFBIG;
    int error = end % PAGE_SIZE ? node_own(node, end, 1) : 0;
    if (!error)
        error = pages_ensure(node, nbytes);
    if (!error)
        node_cut(node, nbytes);
    return error;
}

void node_resize_undo(struct node *node, uint64_t nbytes) { node_cut(node, nbytes); }

/* ---- Nodes ---- */

struct node *node_create(struct client *client, unsigned mode) {
    struct node *node = NULL;
    if (client_claim(client, CLAIM_KEPT, sizeof *node))
        return NULL;
    node = block_alloc(sizeof *node);
    if (!node) {
        client_release(client, CLAIM_KEPT, sizeof *node);
        return NULL;
    }
    *node = (struct node){.number = next_number++, .mode = mode, .client = client};
    client_get(client);
    return node;
}

void node_put(struct node *node) {
    struct client *client = node->client;
    if (node->links || node->opens)
        return;
    pages_drop(node, 0);
    array_drop(node);
    block_free(node);
    client_release(client, CLAIM_KEPT, sizeof *node);
    client_put(client);
}
