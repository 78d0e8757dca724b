/* Thread-local data, initialised and not. */
#include "parts.h"

static __thread int counter = 12;
__thread long long thread_wide[4];
static __thread char letter = 'x';

__attribute__((noinline)) static int *bump(int n) {
  counter += n;
  thread_wide[n & 3] += counter;
  return &counter;
}

void threads(void) {
  *bump(3) += 1;
  bump(2);
  printf("%d %lld %lld %c\n", counter, thread_wide[3], thread_wide[2], letter);
}
