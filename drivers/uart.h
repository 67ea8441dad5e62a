/* The NS16550 serial port, driven from user mode by its receive interrupt. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Take the device: map it, 8 bits no parity, FIFOs on, receive interrupt on.
 * returns: 0, or the negative errno of the mapping */
int uart_open(int device);

/* The next received byte, or -1 when none waits. */
int uart_get(void);

/* Send every byte, waiting for the transmitter's FIFO as needed: output is never dropped. */
void uart_put(const char *bytes, size_t nbytes);
