/* About 10,000 hot instructions: 320 functions of their own constants, each called once a round. */
#include "start.h"

static word data[1024];

#define F(n) \
	static NOINLINE word f##n(word x, word y) \
	{ \
		word *p = &data[(x ^ (0x##n * 7u)) & 1023], z = *p + y; \
		x = (x << (1 + 0x##n % 13)) | (x >> (31 - 0x##n % 13)); \
		if (x & (1u << (0x##n % 29))) \
			z = z * 5 + 0x##n; \
		else \
			z ^= x >> 3; \
		if ((int)z < (int)y) \
			y -= 0x##n * 11u; \
		*p = z + y; \
		if (z & 4) \
			x += data[(y + 0x##n) & 1023]; \
		return x + y * 2 + z; \
	}
#define C(n) sum = f##n(sum, sum >> 7);

#define EACH16(M, h) \
	M(h##0) M(h##1) M(h##2) M(h##3) M(h##4) M(h##5) M(h##6) M(h##7) \
	M(h##8) M(h##9) M(h##a) M(h##b) M(h##c) M(h##d) M(h##e) M(h##f)
#define EACH80(M, h) EACH16(M, h##0) EACH16(M, h##1) EACH16(M, h##2) EACH16(M, h##3) EACH16(M, h##4)
#define EACH(M) EACH80(M, 1) EACH80(M, 2) EACH80(M, 3) EACH80(M, 4)

EACH(F)

static word work(word round)
{
	word sum = round;
	EACH(C)
	return sum;
}
