/* Standard input to standard output, every byte, and a sum of it on standard error. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
  unsigned sum = 0, count = 0;
  int c;

  while ((c = getchar()) != EOF) {
    sum = sum * 31 + (unsigned)c;
    count++;
    putchar(c);
  }
  fprintf(stderr, "%u bytes, %u\n", count, sum);
  printf("%d\n", (int)read(0, &c, 1));
  return 0;
}
