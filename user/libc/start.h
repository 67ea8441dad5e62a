/* What the start of a program leaves for the rest of the library. */
#pragma once

extern const char *program_path; /* argv[0]; "?" when there is none */
