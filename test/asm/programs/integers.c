/* Integer code as compilers write it: tables, switches, strings, 64-bit sums, variable arguments. */
#include <stdarg.h>

extern int printf(const char *, ...);

static int table[10] = {1, 2, 3};
const char *name = "hi";
int zeros[100];
static char small[3];
short halves[] = {1, -2, 3};
unsigned char bytes[5] = {255, 1};

struct point {
  int x, y;
  struct point *next;
};
struct point points[2] = {{1, 2, &points[1]}, {3, 4, 0}};

int sum(const int *a, int n) {
  int s = 0;
  for (int i = 0; i < n; i++) s += a[i];
  return s;
}

int choose(int x) {
  switch (x) {
    case 0: return 5;
    case 1: return 7;
    case 2: return 11;
    case 3: return sum(table, 10);
    case 4: return 77;
    case 5: return 99;
    default: return -1;
  }
}

int (*pointer)(int) = choose;

unsigned divide(unsigned a, unsigned b) { return a / b + a % 10; }

long long wide(long long a, long long b) { return (a * b >> 3) + (a ^ b); }

void first(int n, ...) {
  va_list arguments;
  va_start(arguments, n);
  small[0] = va_arg(arguments, int);
  va_end(arguments);
  printf("%d %s\n", choose(n), name);
}

struct point copy(const struct point *p) {
  struct point q = *p;
  q.x += halves[1] + bytes[0];
  return q;
}

unsigned hash(const char *s) {
  unsigned h = 5381;
  while (*s) h = (h << 5) + h + (unsigned char)*s++;
  return h & 0x7fffffff;
}

int main(void) {
  first(3, 4);
  return pointer(2) + zeros[5] + (int)hash(name) + copy(&points[0]).x;
}
