/* Text made by rule, compressed by backward references and canonical Huffman codes, and back again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suite.h"

enum { SIZE = 20000, WINDOW = 2048, LONGEST = 34, SYMBOLS = 256 + 32 };

static unsigned char text[SIZE], again[SIZE];
static unsigned short symbols[SIZE], distances[SIZE];
static int count;

static void make_text(void)
{
  static const char *words[] = {"port ", "message ", "server ", "kernel ", "trap ", "task, ", "thread.\n", "copy "};
  unsigned state = 1;
  int at = 0;
  while (at < SIZE) {
    const char *word = words[next(&state) >> 29];
    for (; *word && at < SIZE; word++) text[at++] = (unsigned char)*word;
    if ((next(&state) >> 28) == 0 && at < SIZE) text[at++] = (unsigned char)(next(&state) >> 24);
  }
}

static void find_matches(void)
{
  static int head[4096], previous[SIZE];
  memset(head, -1, sizeof head);
  count = 0;
  for (int at = 0; at < SIZE;) {
    int best = 0, from = 0;
    if (at + 3 <= SIZE) {
      unsigned hash = (text[at] * 251u + text[at + 1] * 31u + text[at + 2]) & 4095;
      int tries = 24;
      for (int old = head[hash]; old >= 0 && at - old <= WINDOW && tries--; old = previous[old]) {
        int length = 0;
        while (length < LONGEST && at + length < SIZE && text[old + length] == text[at + length]) length++;
        if (length > best) best = length, from = old;
      }
      previous[at] = head[hash];
      head[hash] = at;
    }
    if (best >= 3) {
      distances[count] = (unsigned short)(at - from);
      symbols[count++] = (unsigned short)(256 + best - 3);
      for (int i = 1; i < best && at + i + 3 <= SIZE; i++) {
        unsigned hash = (text[at + i] * 251u + text[at + i + 1] * 31u + text[at + i + 2]) & 4095;
        previous[at + i] = head[hash];
        head[hash] = at + i;
      }
      at += best;
    } else symbols[count++] = text[at++];
  }
}

/* Lengths of a Huffman code, by repeatedly joining the two rarest. */
static void code_lengths(const int *frequency, unsigned char *length)
{
  static int weight[2 * SYMBOLS], parent[2 * SYMBOLS];
  int nodes = SYMBOLS, left = 0;
  for (int i = 0; i < SYMBOLS; i++) weight[i] = frequency[i], left += frequency[i] > 0;
  for (int i = 0; i < 2 * SYMBOLS; i++) parent[i] = -1;
  for (; left > 1; left--) {
    int a = -1, b = -1;
    for (int i = 0; i < nodes; i++) {
      if (weight[i] == 0 || parent[i] >= 0) continue;
      if (a < 0 || weight[i] < weight[a]) b = a, a = i;
      else if (b < 0 || weight[i] < weight[b]) b = i;
    }
    weight[nodes] = weight[a] + weight[b];
    parent[a] = parent[b] = nodes++;
  }
  for (int i = 0; i < SYMBOLS; i++) {
    length[i] = 0;
    for (int at = i; frequency[i] && parent[at] >= 0; at = parent[at]) length[i]++;
  }
}

static unsigned char packed[SIZE * 4];
static long bits;

static void put(unsigned value, int width)
{
  while (width--) {
    if ((value >> width) & 1) packed[bits >> 3] |= (unsigned char)(128 >> (bits & 7));
    bits++;
  }
}

static unsigned get(int width)
{
  unsigned value = 0;
  while (width--) value = value << 1 | ((packed[bits >> 3] >> (7 - (bits & 7))) & 1), bits++;
  return value;
}

void compress(void)
{
  int frequency[SYMBOLS] = {0}, order[SYMBOLS], codes = 0, at = 0;
  unsigned char length[SYMBOLS];
  unsigned code[SYMBOLS], value = 0;
  make_text();
  find_matches();
  for (int i = 0; i < count; i++) frequency[symbols[i]]++;
  code_lengths(frequency, length);
  for (int width = 1; width < 32; width++)
    for (int i = 0; i < SYMBOLS; i++)
      if (length[i] == width) {
        if (codes) value = (value + 1) << (width - length[order[codes - 1]]);
        code[i] = value;
        order[codes++] = i;
      }
  for (int i = 0; i < count; i++) {
    put(code[symbols[i]], length[symbols[i]]);
    if (symbols[i] >= 256) put(distances[i], 12);
  }
  long total = bits;
  bits = 0;
  while (at < SIZE) {
    unsigned seen = 0;
    int width = 0, symbol = -1;
    while (symbol < 0) {
      seen = seen << 1 | get(1);
      width++;
      for (int i = 0; i < codes && symbol < 0; i++)
        if (length[order[i]] == width && code[order[i]] == seen) symbol = order[i];
    }
    if (symbol < 256) again[at++] = (unsigned char)symbol;
    else {
      unsigned back = get(12);
      for (int i = symbol - 256 + 3; i > 0; i--, at++) again[at] = again[at - back];
    }
  }
  printf("compress: %d bytes, %d symbols, %ld bits, %s\n", SIZE, count, total, memcmp(text, again, SIZE) ? "different" : "same");
}
