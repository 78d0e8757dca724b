/* malloc, realloc and free with a pattern in every block; large blocks come by mmap and move. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 400

static unsigned seed = 12345;
static unsigned next(void)
{
  return seed = seed * 1103515245u + 12345u, seed >> 8;
}

int main(void)
{
  unsigned char *block[SLOTS] = {0};
  size_t size[SLOTS] = {0};
  unsigned long total = 0;

  for (int step = 0; step < 20000; step++) {
    int i = next() % SLOTS;
    for (size_t k = 0; k < size[i]; k += 97)
      if (block[i][k] != (unsigned char)i)
        return printf("block %d damaged at %zu\n", i, k), 1;
    switch (next() % 3) {
    case 0:
      free(block[i]);
      block[i] = NULL;
      size[i] = 0;
      break;
    default: {
      size_t wanted = next() % 50 == 0 ? next() % 300000 : next() % 600;
      unsigned char *moved = realloc(block[i], wanted + 1);
      if (!moved)
        return puts("no memory"), 1;
      if (wanted > size[i])
        memset(moved + size[i], i, wanted - size[i]);
      block[i] = moved;
      size[i] = wanted;
      total += wanted;
    }
    }
  }
  printf("%lu bytes\n", total);

  char *zeros = calloc(1000, 1000);
  for (int i = 0; i < 1000000; i += 13)
    if (zeros[i])
      return puts("calloc is not clear"), 1;
  char *aligned = aligned_alloc(4096, 8192);
  printf("%d\n", (int)((unsigned long)aligned % 4096));
  zeros = realloc(zeros, 8000000);
  zeros[7999999] = 1;
  zeros = realloc(zeros, 10);
  free(zeros);
  return 0;
}
