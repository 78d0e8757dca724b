/* The string functions, which are the library's hand-tuned loops. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static unsigned hash(const void *bytes, size_t length)
{
  const unsigned char *p = bytes;
  unsigned h = 2166136261u;
  while (length--)
    h = (h ^ *p++) * 16777619u;
  return h;
}

static int compare(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(void)
{
  char buffer[256], other[256];
  char text[] = "the quick  brown fox jumps over the lazy dog";
  char *words[16], *word, *rest = text;
  int count = 0;

  while ((word = strsep(&rest, " ")) != NULL)
    if (*word)
      words[count++] = word;
  qsort(words, count, sizeof *words, compare);
  for (int i = 0; i < count; i++)
    printf("%s%c", words[i], i + 1 < count ? ' ' : '\n');

  for (int i = 0; i < 256; i++)
    buffer[i] = (char)(i * 7);
  for (int from = 0; from < 9; from++)
    for (int to = 0; to < 9; to++)
      for (int length = 0; length < 40; length += 3) {
        memcpy(other, buffer, sizeof other);
        memmove(other + to, other + from, length);
        if (memcmp(other + to, buffer + from, length))
          printf("memmove %d %d %d\n", from, to, length);
        memset(other + to, from, length);
      }
  printf("%08x\n", hash(other, sizeof other));

  strcpy(buffer, "alpha");
  strcat(buffer, "/beta");
  strncat(buffer, "/gamma/delta", 6);
  printf("%s %zu %zu %s\n", buffer, strlen(buffer), strspn(buffer, "aehlp"), strrchr(buffer, '/'));
  printf("%s %s\n", strstr(buffer, "ta/"), strpbrk(buffer, "xyzm"));
  printf("%d %d\n", strcmp("abc", "abd") < 0, strncmp("abcx", "abcy", 3));
  printf("%d\n", strcasecmp("HeLLo", "hEllO"));
  printf("%s %s\n", (char *)memchr("find me", 'm', 7), strdup("copy"));
  for (char *p = buffer; *p; p++)
    *p = toupper((unsigned char)*p);
  puts(buffer);
  printf("%ld %lu %d\n", strtol("-0x7f", NULL, 0), strtoul("4294967295", NULL, 10), atoi(" 42x"));
  printf("%lld\n", strtoll("-9223372036854775808", NULL, 10));
  puts(strerror(2));
  return 0;
}
