/* Static and global data of all kinds, constants, common blocks, addresses in initialisers. */
#include "parts.h"

int shared_counter = 40;
const char *const shared_names[] = {"zero", "one", "two", 0};
__attribute__((common)) int shared_common[16];

static int zeros[1000];
static short table[] = {1, -2, 3, -4};
static const unsigned char constants[5] = {255, 128, 7, 0, 1};
static long long wide = 0x0123456789abcdefLL;
static int *const into = &zeros[500];
static const char *const *const names = shared_names + 1;
static char *const end_of_names = (char *)(shared_names + 3);
static double aligned __attribute__((aligned(64))) = 6.5;
char after_odd = 'o';

int shared_next(void) {
  static int state = 5;
  return shared_counter += state++;
}

void statics(void) {
  static int calls;
  *into = 9;
  zeros[999] = ++calls;
  shared_common[15] = zeros[500] + zeros[999] + table[1] + constants[0];
  printf("%d %d %s %d\n", shared_common[15], shared_next(), names[0], end_of_names == (char *)&shared_names[3]);
  printf("%llx %g %d %c\n", wide >> 4, aligned, (int)((unsigned long)&aligned & 63), after_odd);
}
