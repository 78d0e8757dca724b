/* Dense and sparse switches, fall through, loops, computed goto. */
#include "parts.h"

__attribute__((noinline)) static int dense(int n) {
  switch (n) {
    case 0: return 11;
    case 1: return shared_next();
    case 2: n += 5; /* fall through */
    case 3: return n * 7;
    case 4: return -1;
    case 5: return 1 << n;
    case 6: return n ^ 0x55;
    case 9: return 1000000007;
    default: return 0;
  }
}

__attribute__((noinline)) static const char *sparse(unsigned n) {
  switch (n) {
    case 1: return "one";
    case 100: return "hundred";
    case 10000: return "myriad";
    case 0x80000000u: return "high";
    case 0xffffffffu: return "all";
  }
  return "other";
}

static int interpret(const unsigned char *code) {
  static void *const labels[] = {&&stop, &&push, &&add, &&mul, &&dup};
  int stack[8], *sp = stack;
  goto *labels[*code++];
push: *sp++ = *code++; goto *labels[*code++];
add: sp--; sp[-1] += *sp; goto *labels[*code++];
mul: sp--; sp[-1] *= *sp; goto *labels[*code++];
dup: sp[0] = sp[-1]; sp++; goto *labels[*code++];
stop: return sp[-1];
}

void switches(void) {
  for (int i = -1; i < 11; i++) printf("%d ", dense(i));
  printf("%s %s %s %s\n", sparse(1), sparse(10000), sparse(0x80000000u), sparse(3));
  static const unsigned char code[] = {1, 6, 4, 3, 1, 5, 2, 0};
  int n = 27, steps = 0;
  do n = n & 1 ? 3 * n + 1 : n / 2, steps++; while (n != 1);
  printf("%d %d\n", interpret(code), steps);
}
