/* printf and scanf without floating point, buffers and streams. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
  char line[100];
  int a, n;
  unsigned u;
  char word[20];

  printf("[%d] [%5d] [%-5d] [%05d] [%+d] [% d] [%.3d]\n", 42, 42, 42, 42, 42, 42, 7);
  printf("[%x] [%X] [%#x] [%o] [%#o]\n", 48879, 48879, 255, 8, 8);
  printf("[%u] [%c] [%%] [%i]\n", UINT_MAX, 'q', INT_MIN);
  printf("[%s] [%10s] [%-10s] [%.2s]\n", "text", "text", "text", "text");
  printf("[%*s] [%-*.*s]\n", 6, "ab", 6, 1, "xy");
  printf("[%ld] [%lld] [%llu]\n", LONG_MIN, LLONG_MIN, ULLONG_MAX);
  printf("[%hhd] [%hd] [%zu] [%td]\n", 300, 70000, sizeof line, (char *)8 - (char *)3);
  printf("[%" PRIx64 "]\n", (uint64_t)0x123456789abcdef0);
  printf("[%2$s %1$s]%3$n\n", "one", "two", &n);
  printf("%d\n", n);
  n = snprintf(line, 10, "a long line of %d", 12345);
  printf("%d %s\n", n, line);
  printf("%d\n", sscanf("17 0xff word rest", "%d %x %19s", &a, &u, word));
  printf("%d %u %s\n", a, u, word);
  sscanf("key=value", "%[^=]=%s", line, word);
  printf("%s %s\n", line, word);

  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("line buffered\n");
  fprintf(stderr, "to stderr %d\n", 1);
  fputs("no newline", stdout);
  fflush(stdout);
  fwrite("\0\1\2\377\n", 1, 5, stdout);
  perror("perror");
  return 0;
}
