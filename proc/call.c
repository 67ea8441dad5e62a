/* Calls: a call finds a receiver, a reply finds its caller.
 *
 * The one idea: a client that waits is on exactly one list of the port, callers until its call is
 * received and open until it is replied to; a server that waits is on receivers. A call that finds
 * a server goes straight to it (call_offer); whatever else arrives is put on its list first, and
 * call_match pairs the lists off. So nothing waits on either side while there is something on the
 * other. Copies are made with the port locked: that keeps the client where it is. */
#include "proc/call.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "proc/sched.h"

/* ---- Waits at a port ---- */

/* The thread waits at the port from now on, and keeps its memory.
 * needs: the thread is on the list that `wait` names */
static inline void port_wait(struct port *port, struct thread *thread, enum wait wait) {
    debug_assert(lock_is_held(&port->lock));
    atomic_store_explicit(&thread->port, port, memory_order_relaxed);
    port->nholds++;
    thread_wait(thread, wait);
}

/* End the wait of a thread that was taken off its list.
 * returns: true: the caller must fill in its registers and let it run; false: it is ending, and
 *          gives up its hold by itself */
static inline bool port_wake(struct port *port, struct thread *thread) {
    debug_assert(lock_is_held(&port->lock));
    if (!thread_wake(thread))
        return false;
    atomic_store_explicit(&thread->port, NULL, memory_order_relaxed);
    port->nholds--;
    return true;
}

/* End the wait of a thread that is on no list any more, with this result. */
static void wake_with_result(struct port *port, struct thread *thread, long result) {
    if (!port_wake(port, thread))
        return;
    message_show_result(thread, result);
    sched_ready(thread);
}

/* A server that was woken for nothing waits on. */
static void receive_again(struct port *port, struct thread *server) {
    debug_assert(lock_is_held(&port->lock));
    list_push_front(&port->receivers, &server->waiting);
    atomic_store_explicit(&server->port, port, memory_order_relaxed);
    port->nholds++;
    if (!thread_wait_again(server, WAIT_RECEIVE))
        sched_ready(server);
}

/* ---- From one side to the other ---- */

/* The thread's call is over. */
static void call_end(struct port *port, struct thread *client) {
    debug_assert(lock_is_held(&port->lock));
    struct session *session = client->call.session;
    client->call.session = NULL;
    client->call.server = NULL;
    if (object_release(&session->object))
        session_close_locked(port, session);
}

/* Show a call to a server, which waits or is current.
 * returns: 0
 * on failure: -errno: the call cannot be received (*client_bad), or the server has no room for it
 */
static inline int deliver_call(struct thread *server, struct thread *client, bool *client_bad) {
    struct call *call = &client->call;
    debug_assert(lock_is_held(&call->session->port->lock));
    if (call->out.nbytes > 0 || call->flags) {
        int error = message_deliver_rest(server, client, client_bad);
        if (error)
            return error;
    }
    message_show_call(server, call, call->session->badge);
    call->server = server->process;
    server->process->serves = true;
    return 0;
}

static void take_notification(struct port *port, struct thread *server) {
    struct notification *notification = list_first(&port->notifications, struct notification, link);
    message_show_notification(server, notification->kind, notification->badge);
    list_remove(&notification->link);
    if (notification->kind == MESSAGE_CLOSED) /* the last that anybody hears of the session */
        list_push_back(&port->dead, &notification->link);
}

/* Give the server the oldest call that can be received. */
static bool take_call(struct port *port, struct thread *server) {
    struct thread *client;
    while ((client = list_first(&port->callers, struct thread, waiting))) {
        bool client_bad = false;
        int error = deliver_call(server, client, &client_bad);
        if (error && !client_bad) {
            message_show_result(server, error);
            return true;
        }
        list_remove(&client->waiting);
        if (!error) {
            list_push_front(&port->open, &client->waiting);
            client->wait = WAIT_REPLY;
            return true;
        }
        call_end(port, client);
        wake_with_result(port, client, error);
    }
    return false;
}

/* Give the server what has arrived, notifications first: an interrupt is urgent, and a closed
 * session has no calls left. A call that cannot be received may close its session: then there is
 * one more notification.
 * needs:   the server waits, or is current
 * returns: true: its registers are complete; false: there is nothing */
static bool take_next(struct port *port, struct thread *server) {
    assert(!port->closed); /* so no session dies here */
    if (list_empty(&port->notifications) && take_call(port, server))
        return true;
    if (list_empty(&port->notifications))
        return false;
    take_notification(port, server);
    return true;
}

void call_match(struct port *port) {
    debug_assert(lock_is_held(&port->lock));
    struct thread *server;
    while ((server = list_first(&port->receivers, struct thread, waiting)) &&
           !(list_empty(&port->notifications) && list_empty(&port->callers))) {
        list_remove(&server->waiting);
        if (!port_wake(port, server))
            continue;
        if (take_next(port, server)) {
            sched_ready(server);
            break;
        }
        receive_again(port, server);
    }
}

/* ---- Call ---- */

enum offer { CALL_RECEIVED, CALL_QUEUED };

/* Give the call to a server that waits, straight away.
 * returns: CALL_RECEIVED: the server runs as soon as the client waits; CALL_QUEUED: no server waits
 * on failure: -errno: the call cannot be received */
static int call_offer(struct port *port, struct thread *client) {
    struct thread *server;
    while ((server = list_first(&port->receivers, struct thread, waiting))) {
        bool client_bad = false;
        list_remove(&server->waiting);
        if (!port_wake(port, server))
            continue;
        int error = deliver_call(server, client, &client_bad);
        if (!error) {
            list_push_front(&port->open, &client->waiting);
            sched_switch_to(server);
            return CALL_RECEIVED;
        }
        if (client_bad) {
            receive_again(port, server);
            return error;
        }
        message_show_result(server, error);
        sched_ready(server);
    }
    return CALL_QUEUED;
}

/* returns: 0: the client waits
 * on failure: -errno; the caller still has its reference to the session */
static int call_start(struct port *port, struct session *session, struct thread *client) {
    int error = port->closed ? -ECONNRESET : thread_next_token(client);
    if (error)
        return error;
    client->call.session = session;
    int offer = call_offer(port, client);
    if (offer < 0) {
        client->call.session = NULL;
        return offer;
    }
    if (offer == CALL_QUEUED)
        list_push_back(&port->callers, &client->waiting);
    port_wait(port, client, offer == CALL_QUEUED ? WAIT_SEND : WAIT_REPLY);
    return 0;
}

static int call_check(struct thread *client) {
    const struct call *call = &client->call;
    if (call->flags == 0)
        return 0;
    if (call->flags & ~(uint32_t)MESSAGE_HANDLE)
        return -EINVAL;
    return handle_flags(&client->process->handles, (int32_t)call->words[3], -1) < 0 ? -EBADF : 0;
}

long call_make(long session_number) {
    struct thread *client = thread_current();
    int error = call_check(client);
    struct object *object = handle_get(&client->process->handles, session_number, &session_type);
    if (!object)
        return error == -EINVAL ? error : -EBADF;
    struct session *session = container_of(object, struct session, object);
    struct port *port = session->port;
    if (!error) {
        lock_acquire(&port->lock);
        error = call_start(port, session, client);
        lock_release(&port->lock);
    }
    if (error)
        object_put(object);
    return error;
}

/* ---- Receive ---- */

/* returns: true: a message was there; false: the server waits */
static bool receive_locked(struct port *port, struct thread *server) {
    if (take_next(port, server)) {
        thread_add_pending(server, PENDING_REGISTERS);
        return true;
    }
    list_push_back(&port->receivers, &server->waiting);
    port_wait(port, server, WAIT_RECEIVE);
    return false;
}

long call_receive(long port_number, struct buffer buffer) {
    struct thread *server = thread_current();
    struct port *port = port_get(port_number);
    if (!port)
        return -EBADF;
    server->receive_buffer = buffer;
    lock_acquire(&port->lock);
    (void)receive_locked(port, server);
    port_unlock(port);
    object_put(&port->object);
    return 0;
}

/* ---- Reply ---- */

/* The client whose call the token names; NULL: no open call of this port. Who waits at the port
 * stays while it is locked, and so does its call. What clients of other ports do meanwhile does not
 * matter: their `port` is another one. */
static struct thread *call_find(const struct port *port, uint64_t token) {
    debug_assert(lock_is_held(&port->lock));
    /* Most replies are to the call that came last, which is the first of those that are open. */
    struct thread *last = list_first(&port->open, struct thread, waiting);
    if (last && token == last->call.token)
        return last;
    thread_map_lock();
    struct thread *client = thread_find(token_id(token));
    if (client && (atomic_load_explicit(&client->port, memory_order_relaxed) != port ||
                   !client->call.server || client->call.token != token))
        client = NULL;
    thread_map_unlock();
    return client;
}

/* What came with a reply is given away, also when the client's own buffer was bad. */
static void discard_handle(long number) {
    struct object *object = handle_take(&process_current()->handles, number);
    if (object)
        object_put(object);
}

/* Bring the data and the handle over. *result is the client's.
 * on failure: nothing changed for the client, but its in buffer may */
static int reply_deliver(struct thread *client, const struct reply *reply, uint64_t *word3,
                         long *result) {
    *result = 0;
    *word3 = reply->words[3];
    if (reply->data.nbytes > 0) {
        int error = message_reply_data(client, reply->data, reply->flags, result);
        if (error)
            return error;
    }
    if (!(reply->flags & MESSAGE_HANDLE) || *result < 0)
        return 0;
    long number =
        handle_move(&process_current()->handles, (int32_t)*word3, &client->process->handles);
    if (number < 0)
        return (int)number;
    *word3 = (uint64_t)number;
    *result = (long)MESSAGE_HANDLE << 32;
    return 0;
}

/* What becomes of a reply. */
struct outcome {
    struct thread *client; /* its registers are complete, and the caller lets it run; NULL: none */
    long result;           /* the client's */
};

/* on failure: nothing changed */
static int reply_locked(struct port *port, const struct reply *reply, struct outcome *outcome) {
    struct thread *client = call_find(port, reply->token);
    if (!client)
        return -ESRCH;
    uint64_t word3;
    int error = reply_deliver(client, reply, &word3, &outcome->result);
    if (error)
        return error;
    list_remove(&client->waiting);
    assert(!port->closed); /* our handle keeps it open, so the session does not die */
    call_end(port, client);
    outcome->client = NULL;
    if (port_wake(port, client)) {
        message_show_reply(client, outcome->result, reply->words, word3);
        outcome->client = client;
    }
    return 0;
}

/* What has to be right before anything is done. */
static int reply_check(const struct reply *reply) {
    if (reply->flags == 0)
        return 0;
    if (reply->flags & ~(uint32_t)(MESSAGE_HANDLE | MESSAGE_SHARE))
        return -EINVAL;
    if ((reply->flags & MESSAGE_HANDLE) &&
        handle_flags(&process_current()->handles, (int32_t)reply->words[3], -1) < 0)
        return -EBADF;
    return 0;
}

enum afterwards { GO_ON, RECEIVE };

/* returns: true: the server waits now */
static bool after_reply(struct port *port, enum afterwards afterwards) {
    if (afterwards == RECEIVE)
        return !receive_locked(port, thread_current());
    call_match(port); /* the call's session may have closed with it */
    return false;
}

static long reply_and(long port_number, const struct reply *reply, enum afterwards afterwards) {
    struct outcome outcome = {0};
    bool waits = false;
    struct port *port = port_get(port_number);
    if (!port)
        return -EBADF;
    int error = reply_check(reply);
    if (!error) {
        lock_acquire(&port->lock);
        error = reply_locked(port, reply, &outcome);
        if (!error)
            waits = after_reply(port, afterwards);
        port_unlock(port);
    }
    /* Before the client runs: what it does next comes after its reply, also for the server. */
    if (!error && (reply->flags & MESSAGE_HANDLE) && outcome.result < 0)
        discard_handle((int32_t)reply->words[3]);
    if (outcome.client && waits)
        sched_switch_to(outcome.client);
    else if (outcome.client)
        sched_ready(outcome.client);
    object_put(&port->object);
    return error;
}

long call_reply(long port_number, const struct reply *reply) {
    return reply_and(port_number, reply, GO_ON);
}

long call_reply_receive(long port_number, const struct reply *reply) {
    return reply_and(port_number, reply, RECEIVE);
}

/* ---- Data of an open call ---- */

typedef long (*message_mover)(struct thread *client, uint64_t offset, struct buffer own,
                              uint64_t flags);

static long move_data(long port_number, uint64_t token, uint64_t offset, struct buffer own,
                      uint64_t flags, message_mover move) {
    if (flags & ~(uint64_t)MESSAGE_SHARE)
        return -EINVAL;
    struct port *port = port_get(port_number);
    if (!port)
        return -EBADF;
    lock_acquire(&port->lock);
    struct thread *client = call_find(port, token);
    long result = client ? move(client, offset, own, flags) : -ESRCH;
    lock_release(&port->lock);
    object_put(&port->object);
    return result;
}

long call_read(long port_number, uint64_t token, uint64_t offset, struct buffer own,
               uint64_t flags) {
    return move_data(port_number, token, offset, own, flags, message_read);
}

long call_write(long port_number, uint64_t token, uint64_t offset, struct buffer own,
                uint64_t flags) {
    return move_data(port_number, token, offset, own, flags, message_write);
}

/* ---- Ends by force ---- */

void call_leave_wait(struct thread *thread) {
    struct port *port = atomic_load_explicit(&thread->port, memory_order_relaxed);
    assert(thread == thread_current());
    lock_acquire(&port->lock);
    list_remove(&thread->waiting);
    /* A reply may have come first: then the call is over, and only the wait is left. */
    if (thread->call.session) {
        call_end(port, thread);
        if (!port->closed)
            call_match(port);
    }
    port_unlock(port);
    port_unhold(port);
}

/* Reset the calls on a list: those that `server` has received, or all (NULL). */
static void reset_calls(struct port *port, struct list *calls, const struct process *server) {
    assert(lock_is_held(&port->lock));
    struct list *link = calls->next, *next;
    for (; link != calls; link = next) {
        struct thread *client = list_entry(link, struct thread, waiting);
        next = link->next;
        if (server && client->call.server != server)
            continue;
        list_remove(&client->waiting);
        call_end(port, client);
        wake_with_result(port, client, -ECONNRESET);
    }
}

void call_reset_all(struct port *port) {
    struct thread *thread;
    assert(port->closed);
    while ((thread = list_first(&port->receivers, struct thread, waiting))) {
        list_remove(&thread->waiting);
        wake_with_result(port, thread, -EBADF);
    }
    reset_calls(port, &port->callers, NULL);
    reset_calls(port, &port->open, NULL);
}

static bool has_received(const struct port *port, const void *server) {
    const struct thread *client;
    list_for_each (client, &port->open, waiting)
        if (client->call.server == server)
            return true;
    return false;
}

void call_reset_received(struct process *server) {
    struct port *port;
    while (server->serves && (port = port_find(has_received, server))) {
        lock_acquire(&port->lock);
        reset_calls(port, &port->open, server);
        if (!port->closed)
            call_match(port);
        port_unlock(port);
        port_unhold(port);
    }
}
