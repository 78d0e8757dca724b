/* String literals with everything in them, and work on strings. */
#include <string.h>
#include "parts.h"

static const char odd[] = "tab\there \"quotes\" \\ back \001\377 nul\0after";
static char buffer[64] = "initial";
static const unsigned short wide[] = {'a', 0x20ac, 0};

static unsigned hash(const char *s, size_t n) {
  unsigned h = 2166136261u;
  while (n--) h = (h ^ (unsigned char)*s++) * 16777619u;
  return h;
}

static void reverse(char *s) {
  for (char *e = s + strlen(s) - 1; s < e; s++, e--) {
    char c = *s;
    *s = *e;
    *e = c;
  }
}

void text(void) {
  printf("%08x %d\n", hash(odd, sizeof odd), (int)sizeof odd);
  strcat(buffer, " text; with: punctuation, 'and' ! more");
  reverse(buffer);
  printf("%s %x\n", buffer, wide[1]);
  printf("%s\n", strchr("caf\303\251 \xf0\x9f\x90\xa7", ' ') + 1);
  for (const char *const *n = shared_names; *n; n++) printf("%s%c", *n, n[1] ? ',' : '\n');
}
