/* Handle numbers that every program may count on: docs/user-land.md. A file descriptor is a handle
 * number; 0, 1 and 2 are the standard ones, and these lie out of the way of descriptors. */
#pragma once

#include "lib/abi.h"

#define HANDLE_ROOT 256    /* the file server: its root directory */
#define HANDLE_CURRENT 257 /* the current directory */
#define HANDLE_PIPE 258    /* the pipe server */
#define HANDLE_CONSOLE 259 /* the console's control */
#define HANDLE_POWER HANDLE_FIRST_POWER
#define HANDLE_LOG HANDLE_FIRST_LOG
