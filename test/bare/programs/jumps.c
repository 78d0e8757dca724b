/* setjmp and longjmp through frames, function pointers, nested functions on an executable stack. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf out;

static void dive(int depth)
{
  char room[200];
  room[0] = (char)depth;
  if (depth == 0)
    longjmp(out, 7);
  dive(depth - 1);
  printf("never %d\n", room[0]);
}

static int twice(int (*f)(int), int x)
{
  return f(f(x));
}

static int increment(int x)
{
  return x + 1;
}

static unsigned ackermann(unsigned m, unsigned n)
{
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static void at_end(void)
{
  puts("at exit");
}

int main(int argc, char **argv)
{
  volatile int tries = 0;
  int base = argc + 10;
  int add(int x) { return x + base; }

  (void)argv;
  atexit(at_end);
  if (setjmp(out) != 0)
    tries++;
  if (tries < 3)
    dive(20 * (tries + 1));
  printf("%d tries\n", tries);
  printf("%d %d\n", twice(increment, 5), twice(add, 5));
  printf("%u\n", ackermann(2, 300));
  exit(300 + tries);
}
