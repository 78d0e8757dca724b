/* Single and double arithmetic, comparisons, conversions, arguments in float registers. */
#include "parts.h"

static double horner(const double *c, int n, double x) {
  double r = 0;
  while (n-- > 0) r = r * x + c[n];
  return r;
}

__attribute__((noinline)) static float mixed(float a, int b, double c, float d, long long e) {
  return a * b + (float)c - d / (float)e;
}

__attribute__((noinline)) static int compare(double a, double b) {
  return (a < b) | (a <= b) << 1 | (a == b) << 2 | (a != b) << 3 | (a > b) << 4 | (a >= b) << 5 |
         __builtin_isunordered(a, b) << 6;
}

void floats(void) {
  static const double c[] = {1, -0.5, 0.25, 1e-3, 3.0e5};
  volatile double zero = 0;
  printf("%.17g %.9g\n", horner(c, 5, 1.25), (double)mixed(1.5f, 3, 2.25, 10.f, 7LL));
  printf("%d %d %d %d\n", compare(1, 2), compare(2, 2), compare(3, 2), compare(zero / zero, 1));
  float f = 16777217.f, g = -0.f;
  printf("%g %g %d %u %lld %d\n", (double)f, (double)g, (int)-2.9, (unsigned)3e9, (long long)-1e15,
         (int)(short)(float)-70000.5f);
  double sum = 0;
  for (unsigned i = 1; i < 50; i++) sum += i % 3 ? 1.0 / i : -1.0f / (float)i;
  printf("%.17g %g %.17g\n", sum, __builtin_fabs(zero - 2), (double)(unsigned long long)(1e19 + zero));
}
