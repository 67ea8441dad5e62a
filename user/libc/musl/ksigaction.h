/* What sigaction hands to the system; user/libc/signal.c reads it. musl has one of its own, which
 * differs from version to version. */
struct k_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned mask[2];
};

__attribute__((visibility("hidden"))) void __restore(void), __restore_rt(void);
