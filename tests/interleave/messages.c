/* Scenarios of proc/call.c: calls that are made, answered and broken off at the same time.
 *
 * Process 2 is the server, and its child 3 the client. The server ends when the client's session is
 * closed; init waits for both. */
#include "lib/errno.h"
#include "proc/port.h"
#include "proc/process.h"
#include "proc/sched.h"
#include "proc/wait.h"
#include "tests/check.h"
#include "tests/interleave/kernel.h"
#include "tests/mm/space.h"
#include "trap/messages.h"

#define SERVER 2
#define CLIENT 3

enum { PORT, SESSION, GIFT }; /* numbers of handles */

static struct handle_table *handles(void) { return &process_current()->handles; }

static void close_handle(long number) {
    struct object *object = handle_take(handles(), number);
    if (object)
        object_put(object);
}

/* ---- Init ---- */

static long init_pauses(void) {
    CHECK_EQUAL(-ECHILD, user_result());
    return user_pause();
}

static long init_waits(void) {
    if (user_result() == -ECHILD)
        return init_pauses();
    user_next(init_waits);
    return process_wait(-1, 0, 0);
}

static long init_kills_client(void) {
    user_next(init_waits);
    return process_kill(CLIENT, SIGNAL_KILL);
}

static long init_kills_server(void) {
    user_next(init_waits);
    return process_kill(SERVER, SIGNAL_KILL);
}

/* ---- The client ---- */

static long client_has_called(void) {
    CHECK(user_result() == 0 || user_result() == -ECONNRESET);
    return user_exit();
}

static long client_calls(void) {
    user_next(client_has_called);
    return sys_call(SESSION, 1, 2, 3, 4, 0, 0, 0);
}

static long client_gives(void) {
    user_next(client_has_called);
    return sys_call(SESSION | (uint64_t)MESSAGE_HANDLE << 32, 1, 2, 3, GIFT, 0, 0, 0);
}

/* Two calls: with the last token of its id, and with the first one of another id. */
static uint64_t last_token;

static long client_calls_again(void) {
    CHECK_EQUAL(0, user_result());
    CHECK_EQUAL(UINT64_MAX - TOKEN_STEP + 1, thread_current()->call.token & ~(TOKEN_STEP - 1));
    last_token = thread_current()->call.token;
    return client_calls();
}

static long client_with_last_token(void) {
    thread_current()->call.token |= UINT64_MAX - 2 * TOKEN_STEP + 1;
    user_next(client_calls_again);
    return sys_call(SESSION, 1, 2, 3, 4, 0, 0, 0);
}

static user_step client_goes_on;

/* It must not keep the port open. */
static long client_begins(void) {
    close_handle(PORT);
    user_next(client_goes_on);
    return 0;
}

/* ---- The server ---- */

static long server_receives(void);

static long server_has_received(void) {
    const struct thread *thread = thread_current();
    if ((uint32_t)user_result() == MESSAGE_CLOSED)
        return user_exit();
    CHECK_EQUAL(MESSAGE_CALL, (uint32_t)user_result());
    user_next(server_receives);
    return sys_reply(thread->context.x[A6], 1, 2, 3, 4, 0, 0, PORT);
}

static long server_receives(void) {
    user_next(server_has_received);
    return sys_receive(PORT, PAGE(1), PAGE_SIZE);
}

static long server_exits(void) { return user_exit(); }

static user_step server_goes_on;

/* The server keeps the port, and the client gets the session. */
static long server_has_forked(void) {
    close_handle(SESSION);
    close_handle(GIFT);
    user_next(server_goes_on);
    return 0;
}

static long server_begins(void) {
    struct port *port = port_create(), *gift = port_create();
    struct session *session = session_create(port, 7);
    CHECK_EQUAL(PORT, handle_add(handles(), &port->object, PORT, 0));
    CHECK_EQUAL(SESSION, handle_add(handles(), &session->object, SESSION, 0));
    CHECK_EQUAL(GIFT, handle_add(handles(), &gift->object, GIFT, 0));
    user_next(client_begins);
    long pid = process_fork();
    user_next(server_has_forked);
    return pid;
}

/* A second thread of the server closes what the client gives away, whenever it comes. */
static long server_closes_gift(void) {
    close_handle(SESSION);
    return user_pause();
}

static long server_creates_thread(void) {
    user_next(server_receives);
    return process_thread_create((uintptr_t)server_closes_gift, 0, 0, 0);
}

/* ---- Begin ---- */

static user_step init_goes_on;

static long init_has_forked(void) {
    user_next(user_result() == 0 ? server_begins : init_goes_on);
    return 0;
}

static long init_forks(void) {
    user_next(init_has_forked);
    return process_fork();
}

static void boot(user_step init_step, user_step server_step, user_step client_step,
                 user_step stop) {
    init_goes_on = init_step;
    server_goes_on = server_step;
    client_goes_on = client_step;
    kernel_boot(2, init_forks, init_step, stop);
}

static void call_and_receive(void) {
    boot(init_waits, server_receives, client_calls, client_begins);
}
static void call_and_server_exit(void) {
    boot(init_waits, server_exits, client_calls, client_calls);
}
static void reply_and_kill_client(void) {
    boot(init_kills_client, server_receives, client_calls, server_has_received);
}
static void reply_and_kill_server(void) {
    boot(init_kills_server, server_receives, client_calls, server_has_received);
}
static void receive_and_kill(void) {
    boot(init_kills_server, server_receives, client_calls, client_calls);
}

static void tokens_run_out(void) {
    boot(init_waits, server_receives, client_with_last_token, client_begins);
}

/* The number that the gift gets at the server is the lowest that is free: the session's. */
static void give_and_close(void) {
    boot(init_waits, server_creates_thread, client_gives, server_receives);
}

#define PROC(scenario, limit, what)                                                                \
    {                                                                                              \
        .name = #scenario, .rule = (what), .switches = (limit), .set_up = (scenario),              \
        .act = {kernel_run, kernel_run}, .judge = kernel_end                                       \
    }

const struct scenario message_scenarios[] = {
    PROC(call_and_receive, 2, "a call and who receives it find each other"),
    PROC(call_and_server_exit, 2, "no call waits for a server that is gone"),
    PROC(reply_and_kill_client, 2, "a reply and a kill end a call once"),
    PROC(reply_and_kill_server, 2, "a call that was received ends with its server"),
    PROC(receive_and_kill, 2, "a call goes to no server that ends"),
    PROC(give_and_close, 1, "a handle that is given away may be closed at once"),
    PROC(tokens_run_out, 1, "a thread whose tokens are used up gets others, which nobody had"),
    {0},
};
