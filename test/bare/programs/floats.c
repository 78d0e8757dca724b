/* Floating point: arithmetic, conversions, the mathematical library, and printing all of it. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double series(int terms)
{
  double sum = 0;
  for (int i = 0; i < terms; i++)
    sum += (i % 2 ? -4.0 : 4.0) / (2 * i + 1);
  return sum;
}

int main(void)
{
  volatile double zero = 0, third = 1.0 / 3;
  volatile float single = 1.1f;
  double a[8][8], b[8][8], c[8][8] = {{0}};

  printf("%f %e %g %a\n", 3.14159, 2.718281828e-10, 1e20, 0.1);
  printf("[%10.3f] [%-10.2e] [%+g] [%#.0f] [%.15g]\n", third, third, third, third, third);
  printf("%f %f %f\n", 1 / zero, -1 / zero, zero / zero);
  printf("%g %g %g\n", DBL_MAX, DBL_MIN, DBL_MIN / 4);
  printf("%.9g %.17g %d %d\n", single, (double)single, (int)-2.9, (int)(single * 100));
  printf("%.15g\n", series(2000));
  printf("%.12g %.12g %.12g %.12g\n", sqrt(2), sin(1), exp(1), log(10));
  printf("%.12g %.12g %.12g\n", pow(2, 0.5), atan2(1, 2), fmod(10.5, 3));
  printf("%g %g %g %g\n", floor(-2.5), ceil(-2.5), round(2.5), rint(2.5));
  printf("%.17g %.17g\n", strtod("0.1", NULL), strtod("1e-320", NULL));
  printf("%lld %llu %u\n", (long long)1e15, (unsigned long long)1.8e19, (unsigned)3e9);
  printf("%.10g %.10g\n", (double)0xfffffffffffffull, (double)(float)16777217);
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) {
      a[i][j] = i + j / 8.0;
      b[i][j] = i == j ? 2 : 1.0 / (i + j);
    }
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++)
      for (int k = 0; k < 8; k++)
        c[i][j] += a[i][k] * b[k][j];
  printf("%.12g %.12g\n", c[0][0], c[7][7]);
  printf("%d %d %d\n", third < single, zero == -zero, zero / zero == zero / zero);
  printf("%d\n", isnan(zero / zero));
  return 0;
}
