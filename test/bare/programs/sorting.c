/* qsort, bsearch, a hash table and a sieve: integers, pointers, memory. */
#include <stdio.h>
#include <stdlib.h>

#define COUNT 5000

static unsigned values[COUNT];

static int ascending(const void *a, const void *b)
{
  unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
  return (x > y) - (x < y);
}

struct node {
  struct node *next;
  unsigned key, count;
};

int main(void)
{
  unsigned x = 1, found = 0, sum = 0;
  static struct node *table[257];
  static char composite[20000];

  for (int i = 0; i < COUNT; i++) {
    x = x * 1664525u + 1013904223u;
    values[i] = x >> 12;
  }
  qsort(values, COUNT, sizeof values[0], ascending);
  for (int i = 1; i < COUNT; i++)
    if (values[i - 1] > values[i])
      return puts("not sorted"), 1;
  for (unsigned key = 0; key < 1000000; key += 37)
    found += bsearch(&key, values, COUNT, sizeof values[0], ascending) != NULL;
  printf("%u %u %u %u\n", values[0], values[COUNT / 2], values[COUNT - 1], found);

  for (int i = 0; i < COUNT; i++) {
    unsigned key = values[i] % 1000;
    struct node **p = &table[key % 257];
    while (*p && (*p)->key != key)
      p = &(*p)->next;
    if (!*p) {
      *p = calloc(1, sizeof **p);
      (*p)->key = key;
    }
    (*p)->count++;
  }
  for (int i = 0; i < 257; i++)
    for (struct node *n = table[i]; n; n = n->next)
      sum = sum * 31 + n->key * n->count;
  printf("%u\n", sum);

  int primes = 0;
  for (int i = 2; i < (int)sizeof composite; i++) {
    if (composite[i])
      continue;
    primes++;
    for (int j = 2 * i; j < (int)sizeof composite; j += i)
      composite[j] = 1;
  }
  printf("%d primes\n", primes);
  return 0;
}
