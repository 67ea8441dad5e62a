/* Where the fake machine's memory lies. */
#pragma once

#include "lib/types.h"

void *frame_address(paddr_t address);
