/* Integer work on tables: quicksort of 32 Ki words, and hashing them into 512 KB by open addressing. */
#include "start.h"

#define COUNT 32768
#define SLOTS 65536

static word keys[COUNT];
static struct { word key, value; } table[SLOTS];

static NOINLINE void sort(int *low, int *high)
{
	while (low < high) {
		int pivot = low[(high - low) >> 1], *i = low, *j = high;
		while (i <= j) {
			while (*i < pivot)
				i++;
			while (*j > pivot)
				j--;
			if (i <= j) {
				int t = *i;
				*i++ = *j;
				*j-- = t;
			}
		}
		if (j - low < high - i) {
			sort(low, j);
			low = i;
		} else {
			sort(i, high);
			high = j;
		}
	}
}

static NOINLINE word *find(word key)
{
	word slot = (key ^ (key >> 15) ^ (key << 7)) & (SLOTS - 1);
	while (table[slot].key != key && table[slot].key)
		slot = (slot + 1) & (SLOTS - 1);
	table[slot].key = key;
	return &table[slot].value;
}

static word work(word round)
{
	word x = round * 2654435761u + 12345, sum = 0;
	for (int i = 0; i < COUNT; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		keys[i] = x | 1;
	}
	sort((int *)keys, (int *)keys + COUNT - 1);
	for (int i = 0; i < SLOTS; i++)
		table[i].key = table[i].value = 0;
	for (int i = 0; i < COUNT; i++)
		*find(keys[i]) += (word)i;
	for (int i = 0; i < COUNT; i += 3)
		sum = sum * 31 + *find(keys[i]);
	return sum;
}
