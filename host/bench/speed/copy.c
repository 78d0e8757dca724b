/* Copying 256 KB by words, eight at a time: each line of a 256 KB cache is missed. */
#include "start.h"

#define WORDS 65536

static word from[WORDS], to[WORDS];

static NOINLINE void copy(word *t, const word *f, word count)
{
	for (word i = 0; i < count; i += 8, t += 8, f += 8) {
		word a = f[0], b = f[1], c = f[2], d = f[3];
		t[0] = a;
		t[1] = b;
		t[2] = c;
		t[3] = d;
		a = f[4], b = f[5], c = f[6], d = f[7];
		t[4] = a;
		t[5] = b;
		t[6] = c;
		t[7] = d;
	}
}

static word work(word round)
{
	from[round & (WORDS - 1)] = round + 1;
	copy(to, from, WORDS);
	return to[round & (WORDS - 1)] + to[0];
}
