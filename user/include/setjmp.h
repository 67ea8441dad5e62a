/* picolibc's <setjmp.h>, and jumps that take the signal mask along. */
#pragma once

#include_next <setjmp.h>

typedef struct {
    jmp_buf place;
    int masked; /* the mask was saved too */
    unsigned long mask;
} sigjmp_buf[1];

#ifdef __cplusplus
extern "C" {
#endif
void sigsetjmp_mask(sigjmp_buf state, int masked);
__attribute__((noreturn)) void siglongjmp(sigjmp_buf state, int value);
#ifdef __cplusplus
}
#endif

#define sigsetjmp(state, masked) (sigsetjmp_mask(state, masked), setjmp((state)->place))
