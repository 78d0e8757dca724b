/* Arguments in registers and on the stack, of all sizes, and structures by value. */
#include <stdarg.h>
#include <stdio.h>

struct pair {
  int a, b;
};
struct large {
  char text[20];
  long long number;
};

static long long sum(int count, ...)
{
  va_list list;
  long long total = 0;
  va_start(list, count);
  for (int i = 0; i < count; i++)
    total += i % 2 ? va_arg(list, long long) : va_arg(list, int);
  va_end(list);
  return total;
}

static void print(const char *format, ...)
{
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  vprintf(format, list);
  vfprintf(stdout, format, again);
  va_end(again);
  va_end(list);
}

static struct pair swap(struct pair p)
{
  return (struct pair){p.b, p.a};
}

static struct large grow(struct large l, char c, short s, struct pair p)
{
  l.text[0] = c;
  l.number += s + p.a * p.b;
  return l;
}

int main(void)
{
  struct pair p = swap((struct pair){1, 2});
  struct large l = grow((struct large){"hello", 1LL << 40}, 'J', -5, (struct pair){6, 7});

  printf("%lld\n", sum(9, 1, 2LL, 3, 4LL << 33, 5, -6LL, 7, 8LL, 9));
  print("%d %lld %s %c %lld\n", 1, 2LL << 35, "three", '4', 5LL);
  printf("%d %d %s %lld\n", p.a, p.b, l.text, l.number);
  return 0;
}
