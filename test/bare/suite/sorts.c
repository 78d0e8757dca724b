/* Quicksort, heap sort and the library's, a hash table, permutations and queens: pointers and recursion. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suite.h"

enum { N = 3000 };

static void quick(int *a, int n)
{
  while (n > 8) {
    int pivot = a[n / 2], i = 0, j = n - 1;
    for (;; i++, j--) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i >= j) break;
      int t = a[i]; a[i] = a[j]; a[j] = t;
    }
    quick(a, i);
    a += i;
    n -= i;
  }
  for (int i = 1; i < n; i++) {
    int x = a[i], j = i;
    for (; j > 0 && a[j - 1] > x; j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

static void sift(int *a, int i, int n)
{
  for (int x = a[i]; ;) {
    int child = 2 * i + 1;
    if (child + 1 < n && a[child + 1] > a[child]) child++;
    if (child >= n || a[child] <= x) { a[i] = x; return; }
    a[i] = a[child];
    i = child;
  }
}

static void heap(int *a, int n)
{
  for (int i = n / 2; i-- > 0;) sift(a, i, n);
  while (--n > 0) { int t = a[0]; a[0] = a[n]; a[n] = t; sift(a, 0, n); }
}

static int compare(const void *a, const void *b)
{
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

static int queens(int n, unsigned columns, unsigned left, unsigned right)
{
  int found = 0;
  unsigned all = (1u << n) - 1;
  if (columns == all) return 1;
  for (unsigned free = all & ~(columns | left | right); free;) {
    unsigned bit = free & -free;
    free ^= bit;
    found += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return found;
}

static int table(void)
{
  static struct { unsigned key; int count; } slots[4096];
  unsigned state = 99;
  int longest = 0, distinct = 0;
  for (int i = 0; i < 6000; i++) {
    unsigned key = next(&state) % 2500 + 1, at = key * 2654435769u >> 20;
    int probes = 0;
    while (slots[at].key && slots[at].key != key) at = (at + 1) & 4095, probes++;
    distinct += slots[at].key == 0;
    slots[at].key = key;
    slots[at].count++;
    if (probes > longest) longest = probes;
  }
  return distinct * 100 + longest;
}

void sorts(void)
{
  static int a[N], b[N], c[N];
  unsigned state = 42;
  for (int i = 0; i < N; i++) a[i] = b[i] = c[i] = (int)next(&state) >> (i & 15);
  quick(a, N);
  heap(b, N);
  qsort(c, N, sizeof *c, compare);
  printf("sorts: %s, %d %d\n", memcmp(a, b, sizeof a) || memcmp(a, c, sizeof a) ? "different" : "same", a[0], a[N - 1]);
  printf("sorts: %d queens, table %d\n", queens(8, 0, 0, 0), table());
}
