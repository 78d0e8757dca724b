/* What main.c takes from elsewhere. */
extern void number(int);
int shared[4] = {10, 200, 3000, 40000};
extern int block[8];
int block[8] __attribute__((common));

int sum(const int *values, int count) {
  static const char steps[] = {1, 2, 3, 4};
  int result = block[4];
  for (int n = 0; n < count; n++) result += values[n] * steps[n];
  number(result);
  return result;
}
