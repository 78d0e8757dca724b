/* A recursive descent over expressions, a tree of them in memory, errors by longjmp; then printed and freed. */
#include <ctype.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tree { char op; long value; struct tree *left, *right; } tree;

static jmp_buf mistake;
static const char *at;
static int living;

static tree *make(char op, long value, tree *left, tree *right)
{
  tree *t = malloc(sizeof *t);
  *t = (tree){op, value, left, right};
  living++;
  return t;
}

static void discard(tree *t)
{
  if (!t) return;
  discard(t->left);
  discard(t->right);
  free(t);
  living--;
}

static tree *sum(void);

static tree *factor(void)
{
  while (*at == ' ') at++;
  if (*at == '(') {
    at++;
    tree *inner = sum();
    if (*at != ')') { discard(inner); longjmp(mistake, 1); }
    at++;
    return inner;
  }
  if (*at == '-') { at++; return make('n', 0, factor(), NULL); }
  if (!isdigit((unsigned char)*at)) longjmp(mistake, 2);
  long value = 0;
  while (isdigit((unsigned char)*at)) value = value * 10 + (*at++ - '0');
  return make('c', value, NULL, NULL);
}

static tree *product(void)
{
  tree *left = factor();
  for (;;) {
    while (*at == ' ') at++;
    if (*at != '*' && *at != '/' && *at != '%') return left;
    char op = *at++;
    left = make(op, 0, left, factor());
  }
}

static tree *sum(void)
{
  tree *left = product();
  for (;;) {
    while (*at == ' ') at++;
    if (*at != '+' && *at != '-') return left;
    char op = *at++;
    left = make(op, 0, left, product());
  }
}

static long evaluate(const tree *t)
{
  if (t->op == 'c') return t->value;
  long a = evaluate(t->left), b = t->right ? evaluate(t->right) : 0;
  switch (t->op) {
  case 'n': return -a;
  case '+': return a + b;
  case '-': return a - b;
  case '*': return a * b;
  default: if (b == 0) longjmp(mistake, 3); return t->op == '/' ? a / b : a % b;
  }
}

static int depth(const tree *t)
{
  if (!t) return 0;
  int left = depth(t->left), right = depth(t->right);
  return 1 + (left > right ? left : right);
}

void calculator(void)
{
  static const char *lines[] = {"1 + 2 * 3", "(1 + 2) * 3 - -4", "100 / 7 % 5", "2 * (3 + 4) * (5 - 6)", "1 +", "(2", "7 / (3 - 3)", "-(-(-5))", "123456789 % 1000 * 77"};
  for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
    tree *volatile t = NULL;
    at = lines[i];
    int code = setjmp(mistake);
    if (code == 0) {
      t = sum();
      printf("calculator: %s = %ld (%d)\n", lines[i], evaluate(t), depth(t));
    } else printf("calculator: %s: mistake %d at %d\n", lines[i], code, (int)(at - lines[i]));
    discard(t);
  }
  printf("calculator: %d left\n", living > 0);
}
