/* Ports and sessions: made, told, closed.
 *
 * The one idea: closing is something that the other side hears of, and it costs no memory: the
 * notification lies inside the session. A session that nobody will hear of goes to port.dead, and
 * whoever unlocks the port frees it. Not responsible for: calls (call.c). */
#include "proc/port.h"

#include "lib/abi.h"
#include "lib/assert.h"
#include "mm/cache.h"
#include "proc/call.h"

static struct cache port_cache = CACHE_INIT("ports", struct port);
static struct cache session_cache = CACHE_INIT("sessions", struct session);

static struct lock ports_lock = LOCK_INIT("list of ports", LOCK_RANK_PORTS);
static struct list ports = {&ports, &ports};

/* ---- Ports ---- */

struct port *port_create(void) {
    struct port *port = cache_alloc(&port_cache);
    if (!port)
        return NULL;
    object_init(&port->object, &port_type);
    lock_init(&port->lock, "port", LOCK_RANK_PORT);
    port->nholds = 1;
    list_init(&port->callers);
    list_init(&port->open);
    list_init(&port->receivers);
    list_init(&port->notifications);
    list_init(&port->dead);
    lock_acquire(&ports_lock);
    list_push_back(&ports, &port->link);
    lock_release(&ports_lock);
    return port;
}

void port_hold(struct port *port) {
    lock_acquire(&port->lock);
    port->nholds++;
    lock_release(&port->lock);
}

static void port_free(struct port *port) {
    assert(list_empty(&port->callers) && list_empty(&port->open) && list_empty(&port->dead));
    cache_free(&port_cache, port);
}

void port_unhold(struct port *port) {
    lock_acquire(&port->lock);
    bool last = --port->nholds == 0;
    lock_release(&port->lock);
    if (last)
        port_free(port);
}

struct port *port_find(bool (*condition)(const struct port *port, const void *context),
                       const void *context) {
    struct port *port, *found = NULL;
    lock_acquire(&ports_lock);
    list_for_each (port, &ports, link) {
        lock_acquire(&port->lock);
        if (condition(port, context)) {
            port->nholds++;
            found = port;
        }
        lock_release(&port->lock);
        if (found)
            break;
    }
    lock_release(&ports_lock);
    return found;
}

/* ---- Sessions ---- */

struct session *session_create(struct port *port, uint64_t badge) {
    struct session *session = cache_alloc(&session_cache);
    if (!session)
        return NULL;
    object_init(&session->object, &session_type);
    session->port = port;
    session->badge = badge;
    session->closed = (struct notification){.kind = MESSAGE_CLOSED, .badge = badge};
    list_init(&session->closed.link);
    port_hold(port);
    return session;
}

void session_free(struct session *session) {
    struct port *port = session->port;
    cache_free(&session_cache, session);
    port_unhold(port);
}

void session_close_locked(struct port *port, struct session *session) {
    assert(lock_is_held(&port->lock));
    list_push_back(port->closed ? &port->dead : &port->notifications, &session->closed.link);
}

/* Unlock first: to free a session takes the lock again. */
void port_unlock_and_free(struct port *port) {
    struct notification *notification;
    struct list dead;
    list_init(&dead);
    while ((notification = list_first(&port->dead, struct notification, link))) {
        list_remove(&notification->link);
        list_push_back(&dead, &notification->link);
    }
    lock_release(&port->lock);
    while ((notification = list_first(&dead, struct notification, link))) {
        list_remove(&notification->link);
        session_free(container_of(notification, struct session, closed));
    }
}

static void session_close(struct object *object) {
    struct session *session = container_of(object, struct session, object);
    struct port *port = session->port;
    lock_acquire(&port->lock);
    session_close_locked(port, session);
    call_match(port);
    port_unlock(port);
}

const struct object_type session_type = {.name = "session", .close = session_close};

/* ---- Notifications ---- */

void port_post(struct port *port, struct notification *notification) {
    lock_acquire(&port->lock);
    if (!port->closed && list_empty(&notification->link)) {
        list_push_back(&port->notifications, &notification->link);
        call_match(port);
    }
    port_unlock(port);
}

void port_withdraw(struct port *port, struct notification *notification) {
    lock_acquire(&port->lock);
    list_remove(&notification->link);
    lock_release(&port->lock);
}

/* Nobody hears of these: closed sessions die, and an interrupt belongs to somebody else. */
static void discard_notifications(struct port *port) {
    struct notification *notification;
    while ((notification = list_first(&port->notifications, struct notification, link))) {
        list_remove(&notification->link);
        if (notification->kind == MESSAGE_CLOSED)
            list_push_back(&port->dead, &notification->link);
    }
}

/* The last handle is gone: nobody can receive or reply any more, and whoever waits here is told. */
static void port_close(struct object *object) {
    struct port *port = container_of(object, struct port, object);
    lock_acquire(&ports_lock);
    list_remove(&port->link);
    lock_release(&ports_lock);
    lock_acquire(&port->lock);
    port->closed = true;
    call_reset_all(port);
    discard_notifications(port);
    port_unlock(port);
    port_unhold(port);
}

const struct object_type port_type = {.name = "port", .close = port_close};
