/* In the manner of Dhrystone: records, strings, short procedures, division, mixed control flow. */
#include "start.h"

enum kind { FIRST, SECOND, THIRD };

struct record {
	struct record *next;
	enum kind kind;
	int number, other;
	char text[31];
};

static struct record one, two;
static int letters[50], square[50][50], global;
static char text1[31] = "A PROGRAM'S FIRST STRING OF 30", text2[31];

static NOINLINE int sameText(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a - *b;
}

static NOINLINE void copyText(char *to, const char *from)
{
	while ((*to++ = *from++))
		;
}

static NOINLINE enum kind classify(enum kind value)
{
	switch (value) {
	case FIRST: return global > 100 ? FIRST : THIRD;
	case SECOND: return FIRST;
	default: return SECOND;
	}
}

static NOINLINE void follow(struct record *r)
{
	struct record *next = r->next;
	*next = *r;
	r->number = 5;
	next->number = r->number;
	next->next = r->next;
	if (next->kind == FIRST) {
		next->number = 6;
		next->kind = classify(r->kind);
		next->next = one.next;
		next->other = next->number + 10;
	} else
		*r = *next;
}

static NOINLINE void arrays(int *row, int (*matrix)[50], int i, int value)
{
	int at = i + 5;
	row[at] = value;
	row[at + 1] = row[at];
	row[at + 30] = at;
	for (int k = at; k <= at + 1; k++)
		matrix[at][k] = at;
	matrix[at][at - 1]++;
	matrix[at + 20][at] = row[at];
	global = 5;
}

static NOINLINE int divide(int a, int b) { return a / b; }

static word work(word round)
{
	word sum = 0;
	one.next = &two;
	for (int i = 1; i <= 2000; i++) {
		int a = 2, b = 3, c;
		one.kind = FIRST;
		one.other = 40;
		copyText(one.text, text1);
		copyText(text2, "A PROGRAM'S SECOND STRING OF 30");
		c = sameText(one.text, text2) > 0;
		while (a < b) {
			c = 5 * a - b + c;
			a++;
		}
		arrays(letters, square, (int)(round & 7) + a, c);
		follow(&one);
		for (char letter = 'A'; letter <= 'C'; letter++)
			if (classify((enum kind)(letter - 'A')) == FIRST)
				b += i;
		c = b * a;
		sum += (word)divide(c, a + (i & 7) + 1) + (word)two.other + (word)letters[9];
	}
	return sum;
}
