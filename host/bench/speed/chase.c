/* Following pointers through 1 MB of 32-byte nodes in random order: TLB and cache misses. */
#include "start.h"

#define NODES 32768

struct node {
	struct node *next;
	word value, rest[6];
};

static struct node nodes[NODES];

static NOINLINE void build(void)
{
	word x = 88172645;
	for (int i = 0; i < NODES; i++)
		nodes[i].next = &nodes[i], nodes[i].value = (word)i;
	/* Sattolo: one cycle through all. */
	for (int i = NODES - 1; i > 0; i--) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		/* x mod i by multiplication of halves: no division in the program. */
		int j = (int)(((x >> 16) * (word)i) >> 16);
		struct node *t = nodes[i].next;
		nodes[i].next = nodes[j].next;
		nodes[j].next = t;
	}
}

static word work(word round)
{
	static int built;
	word sum = round;
	if (!built)
		build(), built = 1;
	struct node *n = &nodes[round & (NODES - 1)];
	for (int i = 0; i < 2 * NODES; i++) {
		sum = sum * 3 + n->value;
		n = n->next;
	}
	return sum;
}
