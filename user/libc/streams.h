/* What the rest of the library tells the streams. */
#pragma once

/* In a new child: whatever other threads held is nobody's. */
__attribute__((weak)) void streams_unlock(void);
