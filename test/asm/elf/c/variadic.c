/* Variable arguments of all sizes, passed on, many fixed arguments. */
#include <stdarg.h>
#include "parts.h"

struct three { int a, b, c; };

static long long total(const char *kinds, ...) {
  va_list list, copy;
  long long sum = 0;
  va_start(list, kinds);
  va_copy(copy, list);
  for (const char *k = kinds; *k; k++) {
    if (*k == 'i') sum += va_arg(list, int);
    if (*k == 'l') sum += va_arg(list, long long);
    if (*k == 'd') sum += (long long)(va_arg(list, double) * 4);
    if (*k == 's') sum += va_arg(list, struct three).c;
    if (*k == 'p') sum += *va_arg(list, int *);
  }
  va_end(list);
  if (*kinds == 'i') sum = sum * 2 + va_arg(copy, int);
  va_end(copy);
  return sum;
}

static void forward(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vprintf(format, list);
  va_end(list);
}

__attribute__((noinline)) static int many(int a, char b, short c, long long d, int e, double f, int g,
                                          unsigned char h, int i) {
  return a + 2 * b + 3 * c + (int)(4 * d) + 5 * e + (int)(6 * f) + 7 * g + 8 * h + 9 * i;
}

void variadic(void) {
  int x = 77;
  struct three s = {1, 2, 3};
  printf("%lld %lld\n", total("iidlispd", 1, -2, 2.5, 1LL << 40, 9, s, &x, -1.25), total("", 0));
  forward("%c %5d|%-6s|%08.3f %llx %%\n", 'q', -42, "str", 3.14159, 0xfedcba9876543210ULL);
  printf("%d\n", many(1, -2, 300, -4, 5, 6.5, 7, 200, 9));
}
