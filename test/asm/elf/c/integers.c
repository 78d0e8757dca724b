/* Integer arithmetic of all widths, division by millicode, shifts, overflow built-ins. */
#include "parts.h"

static unsigned long long gcd(unsigned long long a, unsigned long long b) {
  while (b) {
    unsigned long long t = a % b;
    a = b;
    b = t;
  }
  return a;
}

__attribute__((noinline)) static long long shifts(long long x, int n) {
  return (x << n) ^ (x >> (n / 2)) ^ (long long)((unsigned long long)x >> n);
}

void integers(void) {
  volatile int seven = 7, big = 123456789;
  volatile unsigned huge = 4000000000u;
  volatile long long wide = -9876543210123LL;
  printf("%d %d %u %u\n", big / -seven, -big % seven, huge / seven, huge % 1000);
  printf("%lld %lld %llu\n", wide / seven, wide % big, gcd(1071ULL << 32, 462ULL << 30));
  printf("%d %d %d %d\n", big / 8, -big / 10, big * 37, (big * big) >> 3);
  printf("%llx %llx %x\n", shifts(wide, 3), shifts(wide, 45), (huge >> seven) | huge << (32 - seven));
  int out;
  int over = __builtin_add_overflow(big, 2100000000, &out);
  printf("%d %d\n", over, __builtin_mul_overflow(seven, 3, &over));
  printf("%d %d %d\n", __builtin_clz(big), __builtin_popcountll(wide), (signed char)big);
  unsigned char bytes[] = {1, 2, 3, 4};
  unsigned sum = 0;
  for (int i = 3; i >= 0; i--) sum = sum << 8 | bytes[i];
  printf("%x %d %d\n", sum, (short)huge < 0, seven > -1 && huge > 5u);
}
