/* Digits of pi and e, a factorial and its digits' sum: long multiplication and division, 32 and 64 bits. */
#include <stdio.h>
#include <stdint.h>
#include <string.h>

static void pi(void)
{
  enum { DIGITS = 120, TERMS = DIGITS * 10 / 3 + 1 };
  int a[TERMS], held = -1, nines = 0;
  char text[DIGITS + 8];
  int at = 0;
  for (int i = 0; i < TERMS; i++) a[i] = 2;
  for (int j = 0; j < DIGITS; j++) {
    int q = 0;
    for (int i = TERMS - 1; i >= 0; i--) {
      int x = 10 * a[i] + q * (i + 1);
      a[i] = x % (2 * i + 1);
      q = x / (2 * i + 1);
    }
    a[0] = q % 10;
    q /= 10;
    if (q == 9) nines++;
    else {
      if (held >= 0) text[at++] = (char)('0' + held + (q == 10));
      for (; nines; nines--) text[at++] = q == 10 ? '0' : '9';
      held = q % 10;
    }
  }
  text[at] = 0;
  printf("bignum: pi %s\n", text);
}

static void factorial(int n)
{
  uint32_t limbs[120] = {1};
  int length = 1;
  for (int i = 2; i <= n; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < length; j++) {
      carry += (uint64_t)limbs[j] * (uint32_t)i;
      limbs[j] = (uint32_t)carry;
      carry >>= 32;
    }
    if (carry) limbs[length++] = (uint32_t)carry;
  }
  int sum = 0, digits = 0;
  while (length > 0) {
    uint64_t rest = 0;
    for (int j = length - 1; j >= 0; j--) {
      rest = rest << 32 | limbs[j];
      limbs[j] = (uint32_t)(rest / 1000000000u);
      rest %= 1000000000u;
    }
    for (uint32_t part = (uint32_t)rest; part; part /= 10) sum += (int)(part % 10);
    digits += 9;
    while (length > 0 && limbs[length - 1] == 0) length--;
  }
  printf("bignum: %d! has digits' sum %d in %d\n", n, sum, digits);
}

static void quotients(void)
{
  uint64_t x = 0x123456789abcdefULL, hash = 0;
  for (int i = 1; i < 400; i++) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    int64_t s = (int64_t)x, d = (int64_t)(x >> (i & 63)) | 1;
    hash = hash * 31 + (uint64_t)(s / d) + (uint64_t)(s % d) * 7 + x / (uint32_t)(i * 77777) + (uint64_t)(s >> (i & 31));
    hash ^= (uint64_t)((int32_t)x / (int)(i - 200 ? i - 200 : 3)) << 13;
  }
  printf("bignum: quotients %llx\n", (unsigned long long)hash);
}

void bignum(void) { pi(); factorial(300); quotients(); }
