/*
 * Calls of ports.defs: rights of the header's ports as arguments.
 */
#include <stdio.h>
#include <string.h>

struct header { unsigned bits, size, remote, local, seqno; int id; };

extern int ports_server(struct header *, struct header *);
extern int user_asked_message(unsigned, unsigned, const char *);
extern int user_answered_message(unsigned, unsigned, unsigned, int);
extern int user_both_message(unsigned, unsigned, unsigned, unsigned, unsigned *, unsigned *);
extern int user_told_message(unsigned, int), user_sent_message(unsigned, unsigned, unsigned, unsigned, int);

static int failures;
static unsigned in_space[64], out_space[64], sent_bits, local;

static void expect(unsigned value, unsigned wanted, const char *what)
{
  if (value == wanted) return;
  failures++;
  printf("%s: %#x, not %#x\n", what, value, wanted);
}

unsigned mig_get_reply_port(void) { return 44; }
void mig_dealloc_reply_port(void) {}
unsigned mig_strncpy(char *to, const char *from, unsigned n) { strncpy(to, from, n); return strlen(to) + 1; }

int server_asked(unsigned port, unsigned right, const char *text)
{
  expect(port, 7, "request port"), expect(right, 17, "its right"), expect(strcmp(text, "abc"), 0, "text");
  return 0;
}
int server_answered(unsigned port, unsigned back, unsigned right, int x)
{
  expect(back, 66, "reply port"), expect(right, 18, "its right"), expect(x, 5, "x");
  return 0;
}
int server_both(unsigned port, unsigned right, unsigned back, unsigned back_right, unsigned *x, unsigned *poly)
{
  expect(right, 18, "request right"), expect(back_right, 17, "reply right");
  *x = 9, *poly = 2;
  return 0;
}
int server_told(unsigned port, unsigned back, unsigned right, int x)
{
  expect(back, 44, "reply port"), expect(right, 18, "its right"), expect(x, 6, "x");
  return 0;
}
int server_sent(unsigned port, unsigned right, int x)
{
  expect(right, 17, "its right"), expect(x, 8, "x");
  return 0;
}

static unsigned received(unsigned name) { return name == 19 || name == 20 ? 17 : name == 21 ? 18 : name; }

int mach_msg(struct header *m, int option, unsigned send, unsigned room, unsigned port)
{
  struct header *in = (struct header *)in_space, *out = (struct header *)out_space;
  sent_bits = m->bits, local = m->local;
  memcpy(in, m, send);
  in->size = send;
  in->remote = m->local, in->local = m->remote;
  in->bits = received(m->bits & 255) << 8 | received(m->bits >> 8 & 255);
  expect(ports_server(in, out), 1, "demultiplexer");
  if (option & 2) memcpy(m, out, out->size);
  return 0;
}

int main(void)
{
  unsigned x = 0, poly = 0;
  expect(user_asked_message(7, 20, "abc"), 0, "asked"), expect(sent_bits, 20 | 21 << 8, "bits");
  expect(user_answered_message(7, 66, 18, 5), 0, "answered"), expect(sent_bits, 19 | 18 << 8, "bits");
  expect(user_both_message(7, 18, 66, 19, &x, &poly), 0, "both"), expect(sent_bits, 18 | 19 << 8, "bits");
  expect(x, 9, "x"), expect(poly, 2, "its name");
  expect(user_told_message(7, 6), 0, "told"), expect(sent_bits, 19 | 21 << 8, "bits");
  expect(user_sent_message(7, 17, 67, 21, 8), 0, "sent"), expect(sent_bits, 17 | 21 << 8, "bits");
  expect(local, 67, "reply port");
  return failures != 0;
}
