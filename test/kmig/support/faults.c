/*
 * Messages that are wrong, sends that fail, copies that fault: what the stubs of faults.defs answer.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct header { unsigned bits, size, remote, local, seqno; int id; };

extern int faults_server(struct header *, struct header *);
extern unsigned faults_server_routine(struct header *);
extern int user_nothing_message(unsigned), user_words_message(unsigned, int *);
extern int user_chars_message(unsigned, char *, unsigned, int);
extern int user_ints_message(unsigned, int *, unsigned *, int *);
extern int user_timed(unsigned, int), user_right(unsigned, unsigned *);
extern int user_objects(unsigned, int), user_objects_message(unsigned, int), _Tobjects(unsigned, int);
extern int user_things(unsigned, int, int *, int *), user_lent(unsigned, int *, int *, int, int *);
extern int user_tail(unsigned, char *, unsigned, int, int *, unsigned *, int *);
extern int _Twords(unsigned, int *), _Tchars(unsigned, char *, unsigned, int);
extern int _Tints(unsigned, int *, unsigned *, int *);

static int failures, dropped, works, copies, failing_copy, result;
static unsigned request[128], reply[128], option, timeout;
static int (*answer)(struct header *);

static void expect(int value, int wanted, const char *what)
{
  if (value == wanted) return;
  failures++;
  printf("%s: %d, not %d\n", what, value, wanted);
}

int server_nothing(unsigned port) { works++; return result; }
int server_words(unsigned port, int *data) { works++; data[0]++; return result; }
int server_chars(unsigned port, char *data, unsigned n, int tail) { works++; return n + tail; }
int server_ints(unsigned port, int *data, unsigned *n, int *tail)
{
  works++;
  for (*n = 0; *n < 6; ++*n) data[*n] = 100 + *n;
  *tail = 9;
  return result;
}
int server_timed(unsigned port) { works++; return 0; }
int server_right(unsigned port, unsigned *right) { works++; *right = 55; return 0; }

/* Translations: each leaves a mark, so that what is called, and when, can be told. */
static int events[16], event;
static int note(int what) { if (event < 16) events[event++] = what; return 0; }
int object_of(unsigned port) { note(1); return port + 1000; }
void object_done(int object) { note(2); expect(object, 1007, "destroyed object"); }
int thing_of(int n) { note(3); return n * 2; }
int number_of(int thing) { note(4); return thing / 2; }
int half_of(int n) { return n / 2; }
void lent_back(int *data) { note(5); expect(data[1], 22, "lent data"); }
int server_objects(int object, int a) { works++; note(9); expect(object, 1007, "object"); return a; }
int server_things(unsigned port, int a, int *b, int *c)
{
  expect(a, 20, "translated In"), expect(*b, 40, "translated InOut");
  *b = 60, *c = 80;
  return 0;
}
int server_lent(unsigned port, int *a, int *b, int c, int *d)
{
  expect(*b, 4, "translated on the way in");
  *b = a[0] + c, *d = a[1];
  return result;
}
int server_tail(int object, char *data, unsigned n, int a, int *out, unsigned *count, int *b)
{
  expect(object, 1007, "object"), expect(a, 14, "translated behind a varying argument");
  out[0] = data[n - 1], *count = 1, *b = 90;
  return 0;
}

unsigned mig_get_reply_port(void) { return 44; }
void mig_dealloc_reply_port(void) { dropped++; }
int c_copyin(const void *from, void *to, unsigned n)
{
  copies++;
  if (n == 0) expect(0, 1, "copy of nothing");
  if (copies == failing_copy) return -1;
  memcpy(to, from, n);
  return 0;
}
int c_copyout(const void *from, void *to, unsigned n) { return c_copyin(from, to, n); }

/* Gives the request to the server, then lets `answer` spoil the reply. */
int mach_msg(struct header *m, int given, unsigned send, unsigned room, unsigned port, unsigned time)
{
  struct header *in = (struct header *)request, *out = (struct header *)reply;
  option = given;
  timeout = time;
  memcpy(in, m, send);
  in->size = send;
  in->remote = m->local;
  in->local = m->remote;
  in->bits = m->bits & 0x80000000 | 0x1100 | 18;
  faults_server(in, out);
  memcpy(m, out, out->size);
  return answer ? answer(m) : 0;
}

static int code;
static int fails(struct header *m) { return code; }
static int other_id(struct header *m) { m->id = code; return 0; }
static int other_bits(struct header *m) { m->bits ^= 0x80000000; return 0; }
static int other_size(struct header *m) { m->size = code; return 0; }
static int at, with;
static int other_word(struct header *m) { ((int *)m)[at / 4] = with; return 0; }

static int call_words(void)
{
  int data[4] = {1, 2, 3, 4}, r = user_words_message(7, data);
  expect(data[0], r == 0 ? 2 : 1, "data changed only by success");
  return r;
}

static void client(void)
{
  int data[10], tail, r;
  unsigned n, right = 0;
  int codes[] = {0x10000009, 0x10004002, 0x10000003, 0x10004003}, k;
  for (k = 0; k < 4; k++) {
    answer = fails, code = codes[k], dropped = 0;
    expect(user_nothing_message(7), codes[k], "failed send");
    expect(dropped, k < 2, "reply port dropped");
    dropped = 0;
    expect(user_timed(7, 30), codes[k], "failed timed send");
    expect(dropped, k != 2, "reply port dropped after a time-out");
    expect(option, 0x103, "option of a timed send");
    expect(timeout, 30, "time");
  }
  answer = other_id;
  code = 71, expect(user_nothing_message(7), -308, "send-once notification");
  code = 72, expect(call_words(), -301, "another id");
  answer = other_bits;
  expect(user_nothing_message(7), -300, "complex empty reply");
  expect(call_words(), -300, "complex reply");
  expect(user_right(7, &right), -300, "simple reply with a right");
  answer = other_size;
  code = 36, expect(user_nothing_message(7), -300, "long empty reply");
  code = 28, expect(call_words(), -300, "short reply");
  code = 32, expect(call_words(), -300, "error reply without an error");
  code = 56, expect(call_words(), -300, "long reply");
  code = 44, expect(user_ints_message(7, data, &n, &tail), -300, "varying reply of another size");
  answer = other_word;
  at = 24, with = 0x02200028, expect(user_nothing_message(7), -300, "return code's descriptor");
  at = 32, with = 0x02200048 ^ 0x100, expect(call_words(), -300, "data's descriptor");
  at = 32, with = 0x022000b8, n = 10;
  expect(user_ints_message(7, data, &n, &tail), -300, "more than the array holds");
  at = 32, with = 0x02200058, n = 10;
  expect(user_ints_message(7, data, &n, &tail), -300, "fewer than the message holds");
  answer = 0;
  result = 5, expect(call_words(), 5, "error reply");
  result = 0, expect(call_words(), 0, "good reply");
  expect(user_right(7, &right), 0, "reply with a right");
  expect(right, 55, "right");
  n = 2, data[2] = -1;
  r = user_ints_message(7, data, &n, &tail);
  expect(r, -307, "no room");
  expect(n, 6, "true count");
  expect(data[1], 101, "what fits");
  expect(data[2], -1, "what does not fit");
  works = 0;
  expect(user_chars_message(7, "0123456789a", 11, 3), -307, "too many");
  expect(works, 0, "not sent");
}

static int serve(int id, unsigned size, unsigned bits)
{
  struct header *in = (struct header *)request, *out = (struct header *)reply;
  in->bits = bits, in->size = size, in->remote = 44, in->local = 7, in->id = id;
  memset(reply, 0, sizeof reply);
  works = 0;
  return faults_server(in, out);
}

static void bad_request(const char *what)
{
  expect(reply[7], -304, what);
  expect(reply[1], 32, "size of an error reply");
  expect(works, 0, "work function called");
}

static void server(void)
{
  static const int ids[] = {2999, 3002, 3011, -1, 0};
  int k;
  for (k = 0; k < 5; k++) {
    expect(serve(ids[k], 24, 18), 0, "unknown id");
    expect(reply[7], -303, "return code of an unknown id");
    expect(reply[5], ids[k] + 100, "reply id");
    expect(faults_server_routine((struct header *)request), 0, "routine of an unknown id");
  }
  expect(serve(3000, 24, 18), 1, "known id");
  expect(reply[7], 0, "success");
  expect(faults_server_routine((struct header *)request) != 0, 1, "routine of a known id");
  serve(3000, 28, 18), bad_request("long request");
  serve(3000, 24, 0x80000012), bad_request("complex request");
  request[6] = 0x02200048;
  serve(3001, 44, 18);
  expect(works, 1, "good request");
  serve(3001, 40, 18), bad_request("short request");
  request[6] = 0x02200038;
  serve(3001, 44, 18), bad_request("request's descriptor");
  request[6] = 0x08080058, request[9] = 0x02200018;
  serve(3003, 44, 18);
  expect(works, 1, "good varying request");
  serve(3003, 40, 18), bad_request("shorter than the array");
  serve(3003, 48, 18), bad_request("longer than the array");
  serve(3003, 32, 18), bad_request("shorter than the least");
  request[6] = 0x080800b8;
  serve(3003, 48, 18), bad_request("more elements than allowed");
  request[6] = 0x08080050;
  serve(3003, 44, 18), bad_request("not inline");
  request[6] = 0x0808005c;
  serve(3003, 44, 18), bad_request("long form");
}

static int fault(int number, int (*call)(void))
{
  copies = works = 0, failing_copy = number;
  return call();
}
static int data[10], tail;
static unsigned room;
static int trap_words(void) { return _Twords(7, data); }
static int trap_chars(void) { return _Tchars(7, (char *)data, 5, 3); }
static int trap_ints(void) { room = 10; return _Tints(7, data, &room, &tail); }

static void traps(void)
{
  int k;
  expect(fault(1, trap_words), 1, "copyin fails");
  expect(works, 0, "work function after a failed copyin");
  expect(fault(2, trap_words), 1, "copyout fails");
  expect(works, 1, "work function before a failed copyout");
  expect(fault(0, trap_words), 0, "no copy fails");
  expect(copies, 2, "copies of an InOut argument");
  result = 5;
  expect(fault(0, trap_words), 5, "work function fails");
  expect(copies, 1, "nothing copied out after failure");
  result = 0;
  expect(fault(1, trap_chars), 1, "varying copyin fails");
  expect(fault(0, trap_chars), 8, "varying In");
  expect(_Tchars(7, (char *)data, 11, 0), -307, "varying In, too many");
  copies = 0;
  expect(_Tchars(7, (char *)data, 0, 4), 4, "varying In, none");
  expect(copies, 0, "no copy of nothing");
  for (k = 1; k <= 4; k++) expect(fault(k, trap_ints), 1, "varying Out, a copy fails");
  expect(fault(0, trap_ints), 0, "varying Out");
  expect(copies, 4, "count in, data, count and tail out");
  expect(room, 6, "count");
  expect(tail, 9, "tail");
  data[2] = -1, room = 2, failing_copy = copies = 0;
  expect(_Tints(7, data, &room, &tail), -307, "varying Out, no room");
  expect(room, 6, "true count");
  expect(data[2], -1, "what does not fit");
}

static void translations(void)
{
  int b, c, d, two[2] = {11, 22}, ints[10];
  unsigned n = 10;
  event = 0;
  expect(user_objects_message(7, 0), 0, "objects");
  expect(events[0] == 1 && events[1] == 9 && events[2] == 2 && event == 3, 1, "order of calls");
  expect(user_objects_message(7, 6), 6, "objects, failing");
  expect(event, 6, "destroyed after failure");
  event = 0;
  expect(_Tobjects(7, 5), 5, "objects by trap");
  expect(events[0] == 1 && events[1] == 9 && events[2] == 2 && event == 3, 1, "order in a trap");
  b = 20;
  expect(user_things(7, 10, &b, &c), 0, "things");
  expect(b, 30, "translated InOut back"), expect(c, 40, "translated Out");
  b = 8, event = 0, result = 0;
  expect(user_lent(7, two, &b, 5, &d), 0, "lent");
  expect(b, 16, "InOut back untranslated"), expect(d, 22, "Out"), expect(event, 1, "given back");
  b = 8, event = 0, result = 3;
  expect(user_lent(7, two, &b, 5, &d), 3, "lent, failing");
  expect(b, 8, "InOut after failure"), expect(event, 1, "given back after failure");
  expect(user_tail(7, "xyz", 3, 7, ints, &n, &b), 0, "tail");
  expect(ints[0], 'z', "varying In and Out"), expect(n, 1, "count"), expect(b, 45, "Out behind it");
}

int main(void)
{
  translations();
  result = 0;
  client();
  server();
  traps();
  return failures != 0;
}
