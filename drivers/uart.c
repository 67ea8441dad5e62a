/* NS16550: registers are one byte apart, as the device tree of QEMU virt has them.
 * Transmission waits for the FIFO to drain, 16 bytes a wait; reception is by interrupt. */
#include "drivers/uart.h"

#include "byre/syscall.h"

enum { REG_DATA = 0, REG_IER = 1, REG_FCR = 2, REG_LCR = 3, REG_MCR = 4, REG_LSR = 5 };
#define IER_RECEIVE 0x01
#define FCR_ENABLE_CLEAR 0x07
#define LCR_8N1 0x03
#define MCR_DTR_RTS 0x03
#define LSR_READY 0x01
#define LSR_EMPTY 0x20
#define FIFO_BYTES 16

static volatile uint8_t *uart;

int uart_open(int device) {
    size_t nbytes;
    long address = sys_device_map(device, &nbytes);
    if (address < 0)
        return (int)address;
    uart = (volatile uint8_t *)address;
    uart[REG_LCR] = LCR_8N1;
    uart[REG_FCR] = FCR_ENABLE_CLEAR;
    uart[REG_MCR] = MCR_DTR_RTS;
    uart[REG_IER] = IER_RECEIVE;
    return 0;
}

int uart_get(void) { return uart[REG_LSR] & LSR_READY ? uart[REG_DATA] : -1; }

void uart_put(const char *bytes, size_t nbytes) {
    for (size_t i = 0; i < nbytes; i++) {
        if (i % FIFO_BYTES == 0)
            while (!(uart[REG_LSR] & LSR_EMPTY))
                ;
        uart[REG_DATA] = (uint8_t)bytes[i];
    }
}
