/* What CoreMark measures: a linked list that is sorted and searched, matrices, a state machine, a CRC. */
#include <stdio.h>
#include <string.h>
#include "suite.h"

typedef struct node { struct node *next; short key, value; } node;

static unsigned short crc16(unsigned short crc, unsigned value, int bits)
{
  for (int i = 0; i < bits; i++, value >>= 1) {
    int low = (value ^ crc) & 1;
    crc = (crc >> 1) ^ (low ? 0xa001 : 0);
  }
  return crc;
}

static node *merge_sort(node *list, int (*compare)(const node *, const node *))
{
  for (int size = 1;; size *= 2) {
    node *rest = list, *tail = NULL;
    int merges = 0;
    list = NULL;
    while (rest) {
      node *left = rest, *right = rest;
      int lefts = 0, rights = size;
      merges++;
      while (lefts < size && right) lefts++, right = right->next;
      while (lefts > 0 || (rights > 0 && right)) {
        node *taken;
        if (lefts == 0) taken = right, right = right->next, rights--;
        else if (rights == 0 || !right || compare(left, right) <= 0) taken = left, left = left->next, lefts--;
        else taken = right, right = right->next, rights--;
        if (tail) tail->next = taken; else list = taken;
        tail = taken;
      }
      rest = right;
    }
    if (tail) tail->next = NULL;
    if (merges <= 1) return list;
  }
}

static int by_key(const node *a, const node *b) { return a->key - b->key; }
static int by_value(const node *a, const node *b) { return (unsigned char)a->value - (unsigned char)b->value; }

static unsigned short lists(void)
{
  static node pool[500];
  unsigned state = 7;
  unsigned short crc = 0;
  node *head = NULL;
  for (int i = 0; i < 500; i++) {
    pool[i].key = (short)(next(&state) >> 16);
    pool[i].value = (short)(next(&state) >> 11);
    pool[i].next = head;
    head = &pool[i];
  }
  for (int round = 0; round < 4; round++) {
    head = merge_sort(head, round & 1 ? by_value : by_key);
    node *reversed = NULL;
    while (head) { node *after = head->next; head->next = reversed; reversed = head; head = after; }
    head = reversed;
    for (node *at = head; at; at = at->next) crc = crc16(crc, (unsigned short)(at->key ^ at->value), 16);
  }
  return crc;
}

static unsigned short matrices(void)
{
  enum { N = 24 };
  static int a[N][N], b[N][N], c[N][N];
  unsigned state = 3;
  unsigned short crc = 0;
  for (int i = 0; i < N * N; i++) a[0][i] = (short)(next(&state) >> 15), b[0][i] = (int)(next(&state) >> 20);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      int sum = 0;
      for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum ^ ((sum >> 2) & 15) * ((sum >> 5) & 127);
    }
  for (int i = 0; i < N * N; i++) crc = crc16(crc, (unsigned)c[0][i], 32);
  return crc;
}

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

static enum state number(const char **text, int *transitions)
{
  enum state state = START;
  for (; **text && **text != ','; ++*text) {
    char c = **text;
    int digit = c >= '0' && c <= '9';
    enum state before = state;
    switch (state) {
    case START: state = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : INVALID; break;
    case SIGN: state = digit ? INTEGER : c == '.' ? POINT : INVALID; break;
    case INTEGER: state = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID; break;
    case POINT: case FRACTION: state = digit ? FRACTION : c == 'e' && state == FRACTION ? EXPONENT : INVALID; break;
    case EXPONENT: state = digit ? SCIENTIFIC : c == '+' || c == '-' ? EXPONENT_SIGN : INVALID; break;
    case EXPONENT_SIGN: case SCIENTIFIC: state = digit ? SCIENTIFIC : INVALID; break;
    default: break;
    }
    transitions[before * STATES + state]++;
  }
  if (**text == ',') ++*text;
  return state;
}

static unsigned short states(void)
{
  const char *text = "5012,-874,+122,.5e3,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^,";
  int transitions[STATES * STATES] = {0}, finals[STATES] = {0};
  unsigned short crc = 0;
  for (int round = 0; round < 20; round++)
    for (const char *at = text; *at;) finals[number(&at, transitions)]++;
  for (int i = 0; i < STATES * STATES; i++) crc = crc16(crc, (unsigned)transitions[i], 32);
  for (int i = 0; i < STATES; i++) crc = crc16(crc, (unsigned)finals[i], 32);
  return crc;
}

void core(void) { printf("core: %04x %04x %04x\n", lists(), matrices(), states()); }
