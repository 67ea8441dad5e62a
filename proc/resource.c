/* Devices, interrupts, the log, power. All interrupts come to the boot hart's context at the PLIC;
 * any hart may complete them there. */
#include "proc/resource.h"

#include "drivers/plic.h"
#include "lib/abi.h"
#include "mm/cache.h"
#include "proc/idmap.h"
#include "proc/sched.h"

static struct cache device_cache = CACHE_INIT("devices", struct device);
static struct cache interrupt_cache = CACHE_INIT("interrupts", struct interrupt);
static struct cache plain_cache = CACHE_INIT("plain objects", struct object);

static struct lock sources_lock = LOCK_INIT("interrupt sources", LOCK_RANK_SOURCES);
static struct idmap sources; /* source -> struct interrupt */

/* ---- Devices, log, power ---- */

static void device_close(struct object *object) {
    cache_free(&device_cache, container_of(object, struct device, object));
}

static void plain_close(struct object *object) { cache_free(&plain_cache, object); }

const struct object_type device_type = {.name = "device", .close = device_close};
const struct object_type log_type = {.name = "log", .close = plain_close};
const struct object_type power_type = {.name = "power", .close = plain_close};

struct object *device_create(struct range registers) {
    struct device *device = cache_alloc(&device_cache);
    if (!device)
        return NULL;
    object_init(&device->object, &device_type);
    device->registers = registers;
    return &device->object;
}

static struct object *plain_create(const struct object_type *type) {
    struct object *object = cache_alloc(&plain_cache);
    if (object)
        object_init(object, type);
    return object;
}

struct object *log_create(void) {
    return plain_create(&log_type);
}
struct object *power_create(void) {
    return plain_create(&power_type);
}

/* ---- Interrupts ---- */

struct object *interrupt_create(uint32_t source) {
    struct interrupt *interrupt = cache_alloc(&interrupt_cache);
    if (!interrupt)
        return NULL;
    object_init(&interrupt->object, &interrupt_type);
    lock_init(&interrupt->lock, "interrupt", LOCK_RANK_INTERRUPT);
    interrupt->source = source;
    interrupt->notification.kind = MESSAGE_INTERRUPT;
    list_init(&interrupt->notification.link);
    lock_acquire(&sources_lock);
    int error = idmap_set(&sources, source, interrupt);
    lock_release(&sources_lock);
    if (error) {
        cache_free(&interrupt_cache, interrupt);
        return NULL;
    }
    return &interrupt->object;
}

static uint32_t context = PLIC_NO_CONTEXT;

void interrupt_init(uint32_t plic_context) { context = plic_context; }

/* => interrupt locked */
static void unbind(struct interrupt *interrupt) {
    if (!interrupt->port)
        return;
    port_withdraw(interrupt->port, &interrupt->notification);
    port_unhold(interrupt->port);
    interrupt->port = NULL;
}

static void done(struct interrupt *interrupt) {
    if (interrupt->fired)
        plic_complete(context, interrupt->source);
    interrupt->fired = false;
}

void interrupt_bind(struct interrupt *interrupt, struct port *port, uint64_t badge) {
    lock_acquire(&interrupt->lock);
    unbind(interrupt);
    port_hold(port);
    interrupt->port = port;
    interrupt->notification.badge = badge;
    plic_enable(context, interrupt->source);
    done(interrupt); /* what fired for the last port is the new one's to see again */
    lock_release(&interrupt->lock);
}

void interrupt_done(struct interrupt *interrupt) {
    lock_acquire(&interrupt->lock);
    done(interrupt);
    lock_release(&interrupt->lock);
}

static void interrupt_close(struct object *object) {
    struct interrupt *interrupt = container_of(object, struct interrupt, object);
    lock_acquire(&sources_lock);
    (void)idmap_remove(&sources, interrupt->source);
    lock_release(&sources_lock);
    lock_acquire(&interrupt->lock);
    done(interrupt);
    plic_disable(context, interrupt->source);
    unbind(interrupt);
    lock_release(&interrupt->lock);
    cache_free(&interrupt_cache, interrupt);
}

const struct object_type interrupt_type = {.name = "interrupt", .close = interrupt_close};

void interrupt_take(void) {
    uint32_t source;
    while ((source = plic_claim(context))) {
        lock_acquire(&sources_lock);
        struct interrupt *interrupt = idmap_find(&sources, source);
        if (interrupt) {
            lock_acquire(&interrupt->lock);
            interrupt->fired = true;
            if (interrupt->port)
                port_post(interrupt->port, &interrupt->notification);
            lock_release(&interrupt->lock);
        } else {
            plic_complete(context, source);
        }
        lock_release(&sources_lock);
    }
}
