/* Function pointers (procedure labels), callbacks through the library, recursion, aliases. */
#include <stdlib.h>
#include "parts.h"

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
int pointer_mul(int a, int b) { return a * b; }
extern int also_mul(int, int) __attribute__((alias("pointer_mul")));
extern int absent(int) __attribute__((weak));
__attribute__((weak)) int overridable(void) { return 17; }

typedef int (*operation)(int, int);
static const operation operations[] = {add, sub, pointer_mul, also_mul};

__attribute__((noinline)) static operation choose(int n) { return n & 1 ? sub : pointer_mul; }

static int descending(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }

static int ackermann(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

void pointers(void) {
  int values[] = {5, -3, 99, 12, 0, 7};
  qsort(values, 6, sizeof values[0], descending);
  for (int i = 0; i < 6; i++) printf("%d ", values[i]);
  for (int i = 0; i < 4; i++) printf("%d ", operations[i](20 + i, 6));
  printf("%d %d %d\n", choose(1)(9, 4), choose(2)(9, 4), operations[2] == also_mul);
  printf("%d %d %d\n", ackermann(2, 5), absent ? absent(1) : -1, overridable());
}
