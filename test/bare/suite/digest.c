/* SHA-256 and an Adler sum of a growing message, by their specifications; checked against known values. */
#include <stdio.h>
#include <stdint.h>
#include <string.h>

static uint32_t k[64], start[8];

static uint32_t right(uint32_t x, int n) { return x >> n | x << (32 - n); }

/* The constants are the fractions of roots of primes: found, not copied, by integer arithmetic. */
static uint32_t fraction_of_root(int prime, int degree)
{
  uint64_t low = 0, high = (uint64_t)20 << 32;
  while (high - low > 1) {
    uint64_t middle = (low + high) / 2;
    long double m = (long double)middle / 4294967296.0L;
    long double power = degree == 2 ? m * m : m * m * m;
    if (power <= prime) low = middle; else high = middle;
  }
  return (uint32_t)low;
}

static void constants(void)
{
  int found = 0;
  for (int n = 2; found < 64; n++) {
    int is_prime = 1;
    for (int d = 2; d * d <= n; d++) if (n % d == 0) is_prime = 0;
    if (!is_prime) continue;
    if (found < 8) start[found] = fraction_of_root(n, 2);
    k[found++] = fraction_of_root(n, 3);
  }
}

static void block(uint32_t *h, const unsigned char *p)
{
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (right(a, 7) ^ right(a, 18) ^ a >> 3) + w[i - 7] + (right(b, 17) ^ right(b, 19) ^ b >> 10);
  }
  memcpy(s, h, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t e = s[4], a = s[0];
    uint32_t t1 = s[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
    uint32_t t2 = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    for (int j = 7; j > 0; j--) s[j] = s[j - 1];
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}

static void sha256(const char *text, size_t length, uint32_t *h)
{
  unsigned char tail[128] = {0};
  memcpy(h, start, sizeof start);
  size_t whole = length / 64 * 64, rest = length - whole, end = rest < 56 ? 64 : 128;
  for (size_t i = 0; i < whole; i += 64) block(h, (const unsigned char *)text + i);
  memcpy(tail, text + whole, rest);
  tail[rest] = 128;
  for (int i = 0; i < 8; i++) tail[end - 1 - i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
  for (size_t i = 0; i < end; i += 64) block(h, tail + i);
}

void digest(void)
{
  static char text[3000];
  uint32_t h[8], a = 1, b = 0;
  constants();
  sha256("abc", 3, h);
  printf("digest: %08x%08x %s\n", h[0], h[7], h[0] == 0xba7816bf && h[7] == 0xf20015ad ? "right" : "wrong");
  for (size_t i = 0; i < sizeof text; i++) text[i] = (char)(i * i >> 3), a = (a + (unsigned char)text[i]) % 65521, b = (b + a) % 65521;
  sha256(text, sizeof text, h);
  printf("digest: %08x %08x\n", h[0], b << 16 | a);
}
