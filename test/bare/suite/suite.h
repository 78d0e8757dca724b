void core(void), compress(void), interpreter(void), bignum(void);
void digest(void), bodies(void), calculator(void), sorts(void);

/* A sequence of numbers without a library's. */
static inline unsigned next(unsigned *state) { return *state = *state * 1103515245u + 12345u; }
