/*
 * Routines of statements.defs whose arguments or results have a special part.
 */
#include <stdio.h>
#include <string.h>

struct header { unsigned bits, size, remote, local, seqno; int id; };

extern int statements_demux(struct header *, struct header *);
extern int user_with_option_message(unsigned), user_with_time_message(unsigned, int *);
extern int user_own_option_message(unsigned, int, int, int);
extern int user_own_reply_message(unsigned, unsigned, int *);
extern int user_user_reply_message(unsigned, unsigned), user_server_reply_message(unsigned);
extern void user_old_procedure_message(unsigned, int, int *), user_old_simple_message(unsigned, int);
extern int user_old_function_message(unsigned, int, int *);

static int failures, complaint, asked, dropped, send_code;
static unsigned request[64], reply[64], option, timeout, reply_port, server_reply;

static void expect(int value, int wanted, const char *what)
{
  if (value == wanted) return;
  failures++;
  printf("%s: %d, not %d\n", what, value, wanted);
}

int server_with_option(unsigned port) { return 0; }
int server_with_time(unsigned port, int *a) { *a = 21; return 0; }
int server_own_option(unsigned port, int a) { return a; }
int server_own_reply(unsigned port, unsigned r, int *a) { server_reply = r; *a = 4; return 0; }
int server_user_reply(unsigned port) { return 0; }
int server_server_reply(unsigned port, unsigned r) { server_reply = r; return 0; }
void server_old_procedure(unsigned port, int a, int *b) { *b = a + 1; }
void server_old_simple(unsigned port, int a) { complaint = -a; }
int server_old_function(unsigned port, int a, int *b) { *b = a + 2; return a + 3; }

void Complain(int code) { complaint = code; }
unsigned mig_get_reply_port(void) { asked++; return 44; }
void mig_dealloc_reply_port(void) { dropped++; }
int mach_msg(struct header *m, int given, unsigned send, unsigned room, unsigned port, unsigned time)
{
  struct header *in = (struct header *)request, *out = (struct header *)reply;
  option = given;
  timeout = time;
  reply_port = port;
  if (send_code) return send_code;
  memcpy(in, m, send);
  in->size = send;
  in->remote = m->local;
  in->local = m->remote;
  in->bits = 0x1100 | 18;
  statements_demux(in, out);
  if (given & 2) memcpy(m, out, out->size);
  return 0;
}

int main(void)
{
  int a = 0;
  expect(user_with_option_message(7), 0, "with_option");
  expect(option, 0x13, "option of the interface");
  expect(user_with_time_message(7, &a), 0, "with_time");
  expect(option, 0x103, "option with a time");
  expect(timeout, 250, "time of the interface");
  expect(a, 21, "out");
  expect(user_own_option_message(7, 0x40, 99, 5), 5, "own_option");
  expect(option, 0x143, "option of the caller");
  expect(timeout, 99, "time of the caller");
  asked = 0;
  expect(user_own_reply_message(7, 66, &a), 0, "own_reply");
  expect(reply_port, 66, "reply port of the caller");
  expect(server_reply, 66, "reply port at the server");
  expect(a, 4, "out");
  expect(user_user_reply_message(7, 67), 0, "user_reply");
  expect(reply_port, 67, "reply port of the caller only");
  expect(asked, 0, "no reply port asked for");
  expect(user_server_reply_message(7), 0, "server_reply");
  expect(server_reply, 44, "reply port at the server only");
  user_old_procedure_message(7, 10, &a);
  expect(a, 11, "procedure");
  user_old_simple_message(7, 8);
  expect(complaint, -8, "simple procedure");
  expect(option, 1, "option of a simple procedure");
  expect(user_old_function_message(7, 10, &a), 13, "function");
  expect(a, 12, "function's argument");

  send_code = 0x10000009, dropped = 0;
  user_old_procedure_message(7, 10, &a);
  expect(complaint, 0x10000009, "procedure complains");
  expect(dropped, 1, "reply port dropped");
  complaint = 0;
  user_old_simple_message(7, 8);
  expect(complaint, 0x10000009, "simple procedure complains");
  complaint = 0;
  user_old_function_message(7, 10, &a);
  expect(complaint, 0x10000009, "function complains");
  expect(user_own_reply_message(7, 66, &a), 0x10000009, "own_reply fails");
  expect(dropped, 2, "only the reply ports that were asked for");
  return failures != 0;
}
