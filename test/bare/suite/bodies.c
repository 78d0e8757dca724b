/* Floating point: bodies that attract each other, a Fourier transform and back, a linear system, singles. */
#include <math.h>
#include <stdio.h>
#include "suite.h"

typedef struct { double x[3], v[3], mass; } body;

static double energy(const body *b, int n)
{
  double e = 0;
  for (int i = 0; i < n; i++) {
    e += 0.5 * b[i].mass * (b[i].v[0] * b[i].v[0] + b[i].v[1] * b[i].v[1] + b[i].v[2] * b[i].v[2]);
    for (int j = i + 1; j < n; j++) {
      double d2 = 0;
      for (int k = 0; k < 3; k++) d2 += (b[i].x[k] - b[j].x[k]) * (b[i].x[k] - b[j].x[k]);
      e -= b[i].mass * b[j].mass / sqrt(d2);
    }
  }
  return e;
}

static void advance(body *b, int n, double dt)
{
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      double d[3], d2 = 0;
      for (int k = 0; k < 3; k++) d[k] = b[i].x[k] - b[j].x[k], d2 += d[k] * d[k];
      double f = dt / (d2 * sqrt(d2));
      for (int k = 0; k < 3; k++) b[i].v[k] -= d[k] * b[j].mass * f, b[j].v[k] += d[k] * b[i].mass * f;
    }
  for (int i = 0; i < n; i++) for (int k = 0; k < 3; k++) b[i].x[k] += dt * b[i].v[k];
}

static void transform(double *re, double *im, int n, int sign)
{
  for (int i = 1, j = 0; i < n; i++) {
    int bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) { double t = re[i]; re[i] = re[j]; re[j] = t; t = im[i]; im[i] = im[j]; im[j] = t; }
  }
  for (int length = 2; length <= n; length *= 2) {
    double angle = sign * 2 * M_PI / length;
    for (int i = 0; i < n; i += length)
      for (int k = 0; k < length / 2; k++) {
        double c = cos(angle * k), s = sin(angle * k), *r = re + i + k, *m = im + i + k;
        int half = length / 2;
        double tr = r[half] * c - m[half] * s, ti = r[half] * s + m[half] * c;
        r[half] = r[0] - tr; m[half] = m[0] - ti; r[0] += tr; m[0] += ti;
      }
  }
}

static double solve(int n)
{
  static double a[12][13];
  unsigned state = 5;
  for (int i = 0; i < n; i++) for (int j = 0; j <= n; j++) a[i][j] = (double)(int)(next(&state) >> 8) / 65536 - 128;
  for (int i = 0; i < n; i++) {
    int pivot = i;
    for (int r = i + 1; r < n; r++) if (fabs(a[r][i]) > fabs(a[pivot][i])) pivot = r;
    for (int j = 0; j <= n; j++) { double t = a[i][j]; a[i][j] = a[pivot][j]; a[pivot][j] = t; }
    for (int r = 0; r < n; r++) {
      if (r == i) continue;
      double f = a[r][i] / a[i][i];
      for (int j = i; j <= n; j++) a[r][j] -= f * a[i][j];
    }
  }
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i][n] / a[i][i];
  return sum;
}

void bodies(void)
{
  body b[4] = {{{0, 0, 0}, {0, 0, 0}, 39.5}, {{4.8, -1.2, -0.1}, {0.6, 2.8, -0.02}, 0.037}, {{8.3, 4.1, -0.4}, {-1.01, 1.8, 0.008}, 0.011}, {{12.9, -15.1, -0.2}, {1.08, 0.86, -0.01}, 0.0017}};
  double re[64], im[64], before = energy(b, 4), error = 0;
  for (int i = 0; i < 400; i++) advance(b, 4, 0.01);
  printf("bodies: %.9f %.9f\n", before, energy(b, 4));
  for (int i = 0; i < 64; i++) re[i] = i % 7 - 3.5, im[i] = i % 5;
  transform(re, im, 64, 1);
  printf("bodies: %.6f %.6f\n", re[5], im[9]);
  transform(re, im, 64, -1);
  for (int i = 0; i < 64; i++) error = fmax(error, fabs(re[i] / 64 - (i % 7 - 3.5)));
  printf("bodies: %s %.9f\n", error < 1e-12 ? "back" : "lost", solve(12));
  float f = 1, g = 0;
  for (int i = 1; i < 200; i++) f = f * 1.01f + (float)i / 3, g += (float)(int)f - floorf(f * 0.5f);
  printf("bodies: %a %a\n", (double)f, (double)g);
}
