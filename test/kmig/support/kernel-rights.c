/*
 * Requests to the stubs of kernel-rights.defs, made by hand.
 */
#include <stdio.h>
#include <string.h>

struct header { unsigned bits, size, remote, local, seqno; int id; };
struct pair { int e[2]; };
struct six { int e[6]; };
struct three { char e[3]; };

extern int rights_server(struct header *, struct header *);

static unsigned in[64], out[64];
static struct header *request = (void *)in, *reply = (void *)out;
static int failures, objects, forgotten, asked, circular;

static void expect(long value, long wanted, const char *what)
{
  if (value == wanted) return;
  failures++;
  printf("%s: %ld, not %ld\n", what, value, wanted);
}

unsigned port_to_object(unsigned port) { objects++; return port + 1000; }
unsigned payload_to_object(unsigned payload) { objects++; return payload + 2000; }
void release_object(unsigned object) { objects--; }
int ipc_port_check_circularity(unsigned port, unsigned reply_port)
{
  expect(port, 501, "the receive right"), expect(reply_port, 88, "the reply port");
  asked++;
  return circular;
}
void ipc_port_release_send(unsigned port) { expect(0, 1, "no right is released"); }

static int turned[4];
int *turn(int *four)
{
  int i;
  for (i = 0; i < 4; i++) turned[i] = four[3 - i];
  return turned;
}
int *turn_back(int *four) { return turn(four); }
void forget(int *four) { forgotten += four[0]; }
int sum_of(struct pair p) { return p.e[0] * 100 + p.e[1]; }
struct pair pair_of(int sum) { struct pair p = { { sum / 100, sum % 100 } }; return p; }
void forget_sum(int sum) { forgotten += sum; }
struct six long_of(int n) { struct six s = { { n, n + 1, n + 2, n + 3, n + 4, n + 5 } }; return s; }
void forget_three(struct three t) { forgotten += t.e[0] * 10000 + t.e[1] * 100 + t.e[2]; }

static unsigned given, name;
int server_receive(unsigned object, unsigned *a) { expect(object, 1007, "object"); *a = given; return 0; }
int server_any(unsigned object, unsigned *a, unsigned *poly)
{
  expect(object, 1007, "object"), expect(*a, 41, "value"), expect(*poly, 2, "its name");
  *a = given, *poly = name;
  return 0;
}
int server_arrays(unsigned object, int *a, int *b)
{
  int i;
  for (i = 0; i < 4; i++) expect(a[i], 4 - i, "turned"), b[i] = a[i] * 2;
  return 0;
}
int server_pairs(unsigned object, int sum, int *back, struct three t)
{
  expect(sum, 305, "sum"), expect(t.e[0] + t.e[1] + t.e[2], 6, "three");
  *back = 709;
  return 0;
}
int server_long_one(unsigned object, int *a) { *a = 60; return 0; }
double server_real(unsigned object, double a) { return a * 2 + object; }
int server_both(unsigned object, int *sum) { expect(*sum, 305, "sum"); *sum = 812; return 0; }

/* Makes the header of a request of so many bytes, sends it, looks at the reply. */
static void call(int number, unsigned bits, unsigned size, unsigned wanted, const char *what)
{
  request->bits = bits | 17 | 18 << 8;
  request->size = size;
  request->remote = 7, request->local = 88;
  request->id = 730000 + number;
  objects = forgotten = asked = 0;
  memset(out, 0, sizeof out);
  expect(rights_server(request, reply), 1, what);
  expect(out[7], 0, what);
  expect(reply->size, wanted, what);
  expect(objects, 0, "objects given back");
}

int main(void)
{
  double d = 1.25;
  given = 501, circular = 0;
  call(0, 0, 24, 40, "receive");
  expect(out[9], 501, "the right"), expect(out[8], 0x10200018, "its type"), expect(asked, 1, "asked");
  expect(reply->bits, 0x80000012, "complex");
  circular = 1;
  call(0, 0, 24, 40, "receive");
  expect(reply->bits, 0xc0000012, "circular");
  given = 0;
  call(0, 0, 24, 40, "receive nothing");
  expect(asked, 0, "nothing to ask");
  request->local = 0;

  in[6] = 0x02200018, in[7] = 41;
  given = 501, name = 16;
  call(1, 0, 32, 40, "any: a receive right");
  expect(asked, 1, "asked"), expect(reply->bits, 0xc0000012, "circular");
  expect(out[8], 0x10200018, "its type");
  name = 17, in[7] = 41;
  call(1, 0, 32, 40, "any: a send right");
  expect(asked, 0, "not asked"), expect(reply->bits, 0x80000012, "complex");
  name = 2, in[7] = 41;
  call(1, 0, 32, 40, "any: a number");
  expect(reply->bits, 18, "simple"), expect(out[8], 0x02200018, "its type");

  in[6] = 0x02200048, in[7] = 1, in[8] = 2, in[9] = 3, in[10] = 4;
  call(2, 0, 44, 52, "arrays");
  expect(out[9], 2, "turned back"), expect(out[12], 8, "turned back"), expect(forgotten, 4, "forgotten");

  in[6] = 0x02200028, in[7] = 3, in[8] = 5, in[9] = 0x08080038, in[10] = 0x01020300;
  call(3, 0, 44, 44, "pairs");
  expect(out[9], 7, "pair"), expect(out[10], 9, "pair"), expect(forgotten, 305 + 10203, "forgotten");

  call(4, 0, 24, 60, "long_one");
  expect(out[9], 60, "long"), expect(out[14], 65, "long");

  in[6] = 0x0a400018;
  memcpy(in + 8, &d, 8);
  call(5, 0, 40, 48, "real");
  memcpy(&d, out + 10, 8);
  expect(d == 1009.5, 1, "real result");

  in[6] = 0x02200028, in[7] = 3, in[8] = 5;
  call(6, 0, 36, 44, "both");
  expect(out[9], 8, "pair"), expect(out[10], 12, "pair");

  /* The port comes as a number of the receiver's own. */
  request->bits = 23 | 18 << 8, request->size = 24, request->id = 730004;
  rights_server(request, reply);
  expect(objects, 0, "objects given back");
  return failures != 0;
}
