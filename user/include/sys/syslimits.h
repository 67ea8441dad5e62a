/* The limits of POSIX <limits.h>, as they are here. */
#pragma once

#define ARG_MAX 131072 /* lib/abi.h: ARGUMENT_BLOCK_MAX */
#define OPEN_MAX 256   /* known handles begin there: byre/handles.h */
#define PATH_MAX 1024  /* with its 0; user/servers/server.h has room for two */
#define NAME_MAX 255
#define PIPE_BUF 4096
#define LINK_MAX 2147483647
#define IOV_MAX 1024
#define NGROUPS_MAX 0
#define LINE_MAX 2048
#define BC_BASE_MAX 99
#define BC_DIM_MAX 2048
#define BC_SCALE_MAX 99
#define BC_STRING_MAX 1000
#define COLL_WEIGHTS_MAX 0
#define EXPR_NEST_MAX 32
#define RE_DUP_MAX 255
