/* The explorer: see tests/interleave/explore.h.
 *
 * A run is a list of decisions. Who may go on is sorted: first the hart that runs, so choice 0 is
 * to do nothing. The next run repeats the decisions up to the last one that had another choice
 * left, and takes that. A schedule tells the decisions that were not 0. */
#define _GNU_SOURCE
#include "tests/interleave/explore.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "mm/pmm.h"
#include "tests/check.h"
#include "tests/mm/space.h"

#define STACK_BYTES (256 * 1024)
#define STEPS_MAX                                                                                  \
    20000 /* no scenario comes near it, unless harts wait for each other in a circle */
#define NOBODY (-1)
#define PAGES_USED 2 /* that scenarios touch, and harts translate ahead */

static struct actor {
    ucontext_t context;
    void (*act)(void);
    const _Atomic uint32_t *waits_for; /* to become 0; NULL: it can go on */
    const char *where;
    bool rests; /* it need not go on */
    bool done;
} actors[FAKE_HARTS];

static struct decision {
    const char *where; /* where the hart that was chosen goes on */
    int hart;
    size_t choice;
    size_t nchoices;
} decisions[STEPS_MAX];

static char stacks[FAKE_HARTS][STACK_BYTES];
static ucontext_t home;
static const struct scenario *current;
static int running = NOBODY;
static size_t ndecisions, nrepeated, nswitches;
static bool begun;    /* a run has, and has not ended */
static bool narrates; /* each step is printed */

/* ---- Tell ---- */

static void print_schedule(void) {
    const char *comma = "";
    printf("  schedule of %s: ", current->name);
    for (size_t i = 0; i < ndecisions; i++)
        if (decisions[i].choice != 0) {
            printf("%s%zu:%zu", comma, i, decisions[i].choice);
            comma = ",";
        }
    printf("%s\n", *comma ? "" : "-");
    for (size_t i = 0; i < ndecisions; i++)
        if (i == 0 || decisions[i].hart != decisions[i - 1].hart)
            printf("  step %zu: hart %d goes on before \"%s\"\n", i, decisions[i].hart,
                   decisions[i].where);
}

/* The kernel panicked, broke a rule, or crashed: the test ends, but not without the schedule. */
static void (*end_before)(int status) __attribute__((noreturn));
static __attribute__((noreturn)) void at_end(int status) {
    machine_end = end_before;
    if (begun)
        print_schedule();
    fflush(stdout);
    machine_end(status);
}

static void at_signal(int number) {
    printf("  signal %d: %s\n", number, strsignal(number));
    at_end(2);
}

/* ---- Decide ---- */

static bool can_go_on(int hart) {
    const struct actor *actor = &actors[hart];
    return actor->act && !actor->done && (!actor->waits_for || *actor->waits_for == 0);
}

/* Who may be next, best first: the one that runs, and the others, when there is a switch left or
 * when there must be one. */
static size_t list_choices(int choices[FAKE_HARTS]) {
    size_t n = 0;
    bool stays = running != NOBODY && can_go_on(running);
    if (stays)
        choices[n++] = running;
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        if (hart != running && can_go_on(hart) && (!stays || nswitches < current->switches))
            choices[n++] = hart;
    return n;
}

/* => the hart that goes on, or NOBODY */
static int decide(void) {
    int choices[FAKE_HARTS];
    size_t n = list_choices(choices);
    if (n == 0)
        return NOBODY;
    if (ndecisions == STEPS_MAX)
        machine_fail("%d steps, and the run does not end", STEPS_MAX);
    struct decision *decision = &decisions[ndecisions];
    if (ndecisions++ >= nrepeated)
        decision->choice = 0;
    if (decision->choice >= n)
        panic("step %zu has no choice %zu: not a schedule of this scenario", ndecisions - 1,
              decision->choice);
    decision->nchoices = n;
    decision->hart = choices[decision->choice];
    decision->where = actors[decision->hart].where;
    nswitches += decision->choice != 0 && running != NOBODY && choices[0] == running;
    if (narrates)
        printf("  step %zu: hart %d: %s\n", ndecisions - 1, decision->hart, decision->where);
    return decision->hart;
}

/* At every step: a free frame is out of everybody's reach. */
static void check_translation(int hart, vaddr_t page, pte_t entry) {
    if (frame_count(pte_frame(entry)) == 0)
        machine_fail("hart %d may still use frame %#lx by page %#lx, and the frame is free", hart,
                     (unsigned long)pte_frame(entry), (unsigned long)page);
}

/* A right to write that is still in a TLB must be one that the entry could have. */
static void check_right(int hart, vaddr_t page, pte_t entry) {
    if (pte_writable(entry) && frame_count(pte_frame(entry)) != 1)
        machine_fail("hart %d may still write frame %#lx by page %#lx, and its count is %u", hart,
                     (unsigned long)pte_frame(entry), (unsigned long)page,
                     frame_count(pte_frame(entry)));
}

static void fill_tlbs(void) {
    for (int i = 0; i < PAGES_USED; i++)
        machine_fill_tlbs(PAGE(i));
    machine_visit_translations(check_translation);
}

static void switch_to(ucontext_t *from, int hart) {
    running = hart;
    if (hart == NOBODY)
        swapcontext(from, &home);
    else {
        machine_hart = (uint32_t)hart;
        swapcontext(from, &actors[hart].context);
    }
}

static void at_yield(const char *where, const _Atomic uint32_t *waits_for) {
    int self = running;
    if (strcmp(where, "publish") == 0) /* the order of memory is not what is explored here */
        return;
    actors[self].where = where;
    actors[self].waits_for = waits_for;
    fill_tlbs();
    int next = decide();
    if (next != self)
        switch_to(&actors[self].context, next);
    actors[self].waits_for = NULL;
}

void explore_rest(const _Atomic uint32_t *word) {
    struct actor *self = &actors[running];
    self->rests = true;
    at_yield("rest", word);
    self->rests = false;
}

/* ---- Run ---- */

static void actor_run(void) {
    struct actor *self = &actors[running];
    self->act();
    self->done = true;
    fill_tlbs();
    switch_to(&self->context, decide());
}

static void actor_create(int hart) {
    struct actor *actor = &actors[hart];
    memset(actor, 0, sizeof *actor);
    actor->act = current->act[hart];
    actor->where = "start";
    getcontext(&actor->context);
    actor->context.uc_stack.ss_sp = stacks[hart];
    actor->context.uc_stack.ss_size = STACK_BYTES;
    makecontext(&actor->context, actor_run, 0);
}

/* One run, within check_one: on a fresh machine, and audited afterwards. */
static void run_once(void) {
    ndecisions = nswitches = 0;
    current->set_up();
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        actor_create(hart);
    machine_at_yield = at_yield;
    switch_to(&home, decide());
    machine_at_yield = NULL;
    for (int hart = 0; hart < FAKE_HARTS; hart++)
        if (actors[hart].act && !actors[hart].done && !actors[hart].rests)
            machine_fail("hart %d waits forever", hart);
    machine_hart = 0;
    machine_visit_translations(check_right);
    current->judge();
}

static int run_checked(void) {
    const struct test test = {current->name, current->rule, run_once};
    begun = true;
    int failures = check_one(&test);
    begun = false;
    if (failures)
        print_schedule();
    return failures != 0;
}

/* Let the next run differ in its last decision that can. => false: there was none */
static bool next_schedule(void) {
    while (ndecisions > 0) {
        struct decision *last = &decisions[ndecisions - 1];
        if (++last->choice < last->nchoices) {
            nrepeated = ndecisions;
            return true;
        }
        ndecisions--;
    }
    return false;
}

static void begin(const struct scenario *scenario) {
    if (machine_end != at_end) {
        end_before = machine_end;
        machine_end = at_end;
        signal(SIGSEGV, at_signal);
        signal(SIGBUS, at_signal);
    }
    current = scenario;
    nrepeated = 0;
}

int explore(const struct scenario *scenario) {
    size_t nruns = 0;
    begin(scenario);
    do {
        nruns++;
        if (run_checked())
            return 1;
    } while (next_schedule());
    printf("  %s: %zu orders\n", scenario->name, nruns);
    return 0;
}

int explore_one(const struct scenario *scenario, const char *schedule) {
    char *rest;
    begin(scenario);
    memset(decisions, 0, sizeof decisions);
    while (*schedule >= '0' && *schedule <= '9') {
        size_t step = strtoul(schedule, &rest, 10);
        if (*rest != ':' || step >= STEPS_MAX)
            break;
        decisions[step].choice = strtoul(rest + 1, &rest, 10);
        nrepeated = step + 1;
        schedule = *rest == ',' ? rest + 1 : rest;
    }
    narrates = true;
    int failed = run_checked();
    if (ndecisions < nrepeated)
        panic("the run has only %zu steps: not a schedule of this scenario", ndecisions);
    return failed;
}
