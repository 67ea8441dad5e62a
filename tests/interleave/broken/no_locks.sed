# lib/lock.h two_faults: a lock keeps nobody out
/^static inline void lock_acquire/,/^}/c\
static inline void lock_acquire(struct lock *lock) { yield_point(lock->name); }
/^static inline void lock_release/,/^}/c\
static inline void lock_release(struct lock *lock) { (void)lock, yield_point("released"); }
/^static inline bool lock_is_held/,/^}/c\
static inline bool lock_is_held(const struct lock *lock) { return lock != NULL; }
