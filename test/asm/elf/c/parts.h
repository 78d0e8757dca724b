/* One function a file, each of which prints what it computes. */
#include <stdio.h>

void structs(void);
void switches(void);
void floats(void);
void variadic(void);
void statics(void);
void text(void);
void pointers(void);
void integers(void);
void threads(void);
void jumps(void);
void start_up(void);

/* Defined in other files than the ones that use them. */
extern int shared_counter;
extern const char *const shared_names[];
extern int shared_common[16];
int shared_next(void);
