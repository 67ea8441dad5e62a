/* What a process can be given besides ports: devices, interrupts, the log, power. */
#pragma once

#include "arch/riscv/fdt.h"
#include "lib/lock.h"
#include "proc/object.h"
#include "proc/port.h"

struct device {
    struct object object;
    struct range registers;
};

/* An interrupt source. While it is bound, each interrupt becomes a notification at the port, and
 * the source stays silent until it is done with. */
struct interrupt {
    struct object object;
    struct lock lock;
    uint32_t source;
    struct port *port; /* a hold; NULL: not bound */
    bool fired;        /* taken from the PLIC and not yet done with */
    struct notification notification;
};

extern const struct object_type device_type;
extern const struct object_type interrupt_type;
extern const struct object_type log_type;
extern const struct object_type power_type;

/* A new object with one reference. => NULL: no memory */
struct object *device_create(struct range registers);
struct object *interrupt_create(uint32_t source);
struct object *log_create(void);
struct object *power_create(void);

/* All interrupts of devices go to this context of the PLIC's: the boot hart's. */
void interrupt_init(uint32_t plic_context);

/* Send the source's interrupts to the port from now on, with this badge. => it had another port:
 * no longer that one */
void interrupt_bind(struct interrupt *interrupt, struct port *port, uint64_t badge);

/* The interrupt was seen to: the source may fire again. */
void interrupt_done(struct interrupt *interrupt);

/* Take what the controller of this hart has for us, and post it. */
void interrupt_take(void);
