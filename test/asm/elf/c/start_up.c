/* Constructors, destructors, sections of one's own. */
#include "parts.h"

static int began;
static int chosen __attribute__((section(".data.chosen"))) = 21;

__attribute__((constructor)) static void first(void) { began = chosen * 2; }
__attribute__((destructor)) static void last(void) { printf("end %d\n", began); }

__attribute__((section(".text.apart"), noinline)) static int apart(int n) { return n + chosen; }

void start_up(void) { printf("%d %d\n", began, apart(1)); }
