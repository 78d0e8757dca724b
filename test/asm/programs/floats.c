/* Floating-point code as compilers write it: both formats, conversions, comparisons, constants. */
double scale = 1.5;
float tiny = 0.25f;

double blend(double a, float b) { return a * b + scale / 3; }

float dot(const float *a, const float *b, int n) {
  float s = 0;
  for (int i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}

int compare(double a, double b) { return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2; }

long convert(double a, float b, int c, unsigned d) { return (long)a + (int)b + (long)((double)c + d); }

void multiply(double m[4][4], const double a[4][4], const double b[4][4]) {
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) {
      m[i][j] = 0;
      for (int k = 0; k < 4; k++) m[i][j] += a[i][k] * b[k][j];
    }
}

double root(double x) {
  double r = x;
  for (int i = 0; i < 20; i++) r = (r + x / r) / 2;
  return r > tiny ? r : -r;
}
