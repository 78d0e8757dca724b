/* Structures by value, bit fields, unions, flexible and nested ones, results of each size. */
#include <stddef.h>
#include <string.h>
#include "parts.h"

struct small { char a; };
struct pair { short a, b; };
struct eight { int a; char b; };
struct large { int a[5]; double d; char tail[3]; };
struct bits { unsigned a : 3, b : 7, c : 1, d : 13; signed e : 5; unsigned long long f : 37; };
union mix { double d; unsigned w[2]; unsigned char c[8]; };
struct node { struct node *next; struct { int x, y; } at; union mix m; };

static struct small make_small(int n) { struct small s = {(char)n}; return s; }
static struct pair make_pair(int n) { struct pair p = {(short)n, (short)-n}; return p; }
static struct eight make_eight(int n) { struct eight e = {n * 3, (char)(n + 1)}; return e; }

__attribute__((noinline)) static struct large make_large(struct large in, int n, struct pair p) {
  for (int i = 0; i < 5; i++) in.a[i] += n * i + p.b;
  in.d *= p.a;
  memcpy(in.tail, "xyz", 3);
  return in;
}

static const struct node constant_nodes[] = {
    {0, {1, 2}, {.w = {3, 4}}},
    {(struct node *)&constant_nodes[0], {5, 6}, {.d = 1.5}},
    {(struct node *)&constant_nodes[1], {7, 8}, {.c = "abcdefg"}},
};

void structs(void) {
  struct large l = {{1, 2, 3, 4, 5}, 2.5, "ab"};
  l = make_large(l, 7, make_pair(3));
  printf("%d %d %g %.3s\n", l.a[0], l.a[4], l.d, l.tail);
  printf("%d %d %d\n", make_small(300).a, make_eight(9).a, make_eight(9).b);
  struct bits b = {5, 100, 1, 8000, -9, 0x1234567890ULL};
  b.b += 3;
  b.e -= 2;
  b.f ^= 0x0ff0;
  printf("%u %u %u %u %d %llx\n", b.a, b.b, b.c, b.d, b.e, (unsigned long long)b.f);
  for (const struct node *n = &constant_nodes[2]; n != NULL; n = n->next)
    printf("%d,%d %08x %c\n", n->at.x, n->at.y, n->m.w[0], n->m.c[1] ? n->m.c[1] & 0x7f : '-');
  printf("%d %d %d\n", (int)sizeof(struct large), (int)offsetof(struct large, d), (int)sizeof b);
}
