/* 64-bit and 32-bit arithmetic: multiplication, division and shifts are library routines here. */
#include <stdint.h>
#include <stdio.h>

static uint64_t state = 88172645463325252ull;
static uint64_t next(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

int main(void)
{
  uint64_t sum = 0;
  uint32_t small = 0;

  for (int i = 0; i < 3000; i++) {
    int64_t a = (int64_t)next(), b = (int64_t)next() >> (i % 60);
    uint64_t u = next(), v = next() >> (i % 61);
    if (b == 0 || v == 0)
      continue;
    if (!(a == INT64_MIN && b == -1))
      sum += (uint64_t)(a / b) ^ (uint64_t)(a % b);
    sum += u / v * 3 + u % v;
    sum ^= (uint64_t)a * u;
    sum += (uint64_t)(a >> (i & 63)) ^ (u << (i & 63)) ^ (v >> (i & 63));
    sum += a < b ? 17 : 31;
    int32_t x = (int32_t)a, y = (int32_t)(b | 1);
    uint32_t s = (uint32_t)u, t = (uint32_t)v | 1;
    if (!(x == INT32_MIN && y == -1))
      small += (uint32_t)(x / y) ^ (uint32_t)(x % y);
    small += s / t + s % t + s * t + (uint32_t)(x * 10007) + s / 10 + s % 7;
    small = small << 5 | small >> 27;
    small ^= (uint32_t)__builtin_popcount(s) ^ (uint32_t)__builtin_clz(t);
  }
  printf("%llu %u\n", (unsigned long long)sum, small);
  printf("%lld %lld\n", 1234567890123456789ll / -987654321, 1234567890123456789ll % -987654321);
  struct {
    unsigned a : 3, b : 13, c : 16;
    signed d : 5;
  } f = {5, 4097, 65535, -7};
  f.b += 5000;
  f.d -= 4;
  printf("%u %u %u %d\n", f.a, f.b, f.c, f.d);
  return (int)(sum & 127);
}
