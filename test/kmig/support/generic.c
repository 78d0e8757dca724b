/*
 * The generic call by message, by trap and by a trap that is refused: the same server, the same results.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

struct header { unsigned bits, size, remote, local, seqno; int id; };

extern int generic_call(unsigned, int, int *, int *), generic_call_message(unsigned, int, int *, int *);
extern int generic_server(struct header *, struct header *);
extern void generic_data(void *, const void *, void *, unsigned);
extern unsigned target, violations, trap_refused, gateway_code[], address_of_generic_call;
extern unsigned address_of_generic_call_message;
extern void checked(void);

static int failures, sent, copies, copy_fails;
static unsigned in_space[64], out_space[2100];
static char returned[2][100];

static void expect(long value, long wanted, const char *way, const char *what)
{
  if (value == wanted) return;
  failures++;
  printf("%s: %s: %ld, not %ld\n", way, what, value, wanted);
}

int c_copyin(const void *from, void *to, unsigned n)
{
  copies++;
  if (copy_fails && --copy_fails == 0) return -1;
  memcpy(to, from, n);
  return 0;
}
int c_copyout(const void *from, void *to, unsigned n) { return c_copyin(from, to, n); }

/* Call 3 returns memory, where its arguments say; by trap it copies out itself. */
int generic_work(unsigned port, int code, int *args, int *rval, void *out)
{
  int i, sum = 0;
  for (i = 0; i < 10; i++) sum += args[i] * (i + 1);
  if (code == 3)
    for (i = 0; i < 2; i++) {
      const char *text = i ? "the second piece" : "one";
      if (out) generic_data(out, text, returned[i], strlen(text) + 1);
      else c_copyout(text, returned[i], strlen(text) + 1);
    }
  rval[0] += sum;
  rval[1] += code;
  return code == 4 ? 35 : port == 9 ? 0 : -1;
}

unsigned mig_get_reply_port(void) { return 44; }
int mach_msg(struct header *m, int option, unsigned send, unsigned room, unsigned port)
{
  struct header *in = (struct header *)in_space, *out = (struct header *)out_space;
  sent++;
  expect(option, 3, "mach_msg", "option");
  expect(send, 76, "mach_msg", "size of the request");
  expect(((unsigned *)m)[6], 0x022000c8, "mach_msg", "12 integers");
  expect(port, 44, "mach_msg", "reply port");
  memcpy(in, m, send);
  in->size = send;
  in->remote = m->local;
  in->local = m->remote;
  in->bits = 0x1100 | 18;
  expect(generic_server(in, out), 1, "server", "knows the id");
  expect(out->bits, 18, "server", "bits"), expect(out->remote, 44, "server", "reply port");
  expect(out_space[6], 0x02200048, "server", "4 integers");
  expect(out->size <= room, 1, "server", "size");
  memcpy(m, out, out->size);
  return 0;
}

static void call(const char *way, unsigned routine, int code, int wanted, int messages)
{
  int args[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, rval[2] = { 77, 100 }, result;
  target = routine;
  sent = copies = 0;
  memset(returned, 0, sizeof returned);
  result = ((int (*)(unsigned, int, int *, int *))checked)(9, code, args, rval);
  expect(result, wanted, way, "result");
  expect(violations, 0, way, "callee-saved registers");
  expect(sent, messages, way, "messages");
  expect(rval[0], 385, way, "rval[0]");
  expect(rval[1], 100 + code, way, "rval[1]");
  expect(strcmp(returned[0], code == 3 ? "one" : ""), 0, way, "first piece");
  expect(strcmp(returned[1], code == 3 ? "the second piece" : ""), 0, way, "second piece");
}

int main(void)
{
  unsigned *page = mmap((void *)0xc0000000, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  int code, args[10], rval[2];
  memcpy(page + 1, gateway_code, 12);
  for (code = 1; code < 5; code++) {
    int wanted = code == 4 ? 35 : 0;
    call("message", address_of_generic_call_message, code, wanted, 1);
    trap_refused = 0;
    call("trap", address_of_generic_call, code, wanted, 0);
    trap_refused = 1;
    call("refused trap", address_of_generic_call, code, wanted, 1);
  }
  trap_refused = 0;
  for (copy_fails = 3; copy_fails > 0; ) {
    int left = copy_fails;
    expect(generic_call(9, 1, args, rval), 1, "trap", "KERN_INVALID_ADDRESS");
    copy_fails = left - 1;
  }
  in_space[5] = 100001;
  expect(generic_server((void *)in_space, (void *)out_space), 0, "server", "another id");
  in_space[5] = 100000, in_space[1] = 80;
  expect(generic_server((void *)in_space, (void *)out_space), 1, "server", "its id");
  expect(out_space[9], -304, "server", "MIG_BAD_ARGUMENTS");
  return failures != 0;
}
