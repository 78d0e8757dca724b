/* setjmp and longjmp, alloca, variable-length arrays, large frames. */
#include <setjmp.h>
#include "parts.h"

static jmp_buf place;

__attribute__((noinline)) static int deep(int n, int *data) {
  int local[n + 1];
  for (int i = 0; i <= n; i++) local[i] = data[i % 3] + i;
  if (n == 0) longjmp(place, local[0] + 100);
  return deep(n - 1, data) + local[n];
}

__attribute__((noinline)) static int large_frame(int n) {
  volatile char room[20000];
  for (int i = 0; i < 20000; i += 997) room[i] = (char)(i + n);
  return room[997 * 3] + room[19940];
}

void jumps(void) {
  int data[] = {4, 5, 6};
  volatile int tries = 0;
  int came = setjmp(place);
  tries++;
  if (came == 0) deep(5, data);
  char *room = __builtin_alloca(50 + tries);
  snprintf(room, 50, "%d times, by %d", tries, came);
  printf("%s %d\n", room, large_frame(3));
}
