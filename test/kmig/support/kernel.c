/*
 * The stubs of kernel.defs, called as the kernel calls itself.
 */
#include <stdio.h>
#include <string.h>

struct header { unsigned bits, size, remote, local, seqno; int id; };

extern int kernel_server(struct header *, struct header *);
extern int user_suspend_message(unsigned), user_tell_message(unsigned, int);
extern int user_give_message(unsigned, unsigned, unsigned, unsigned *, int *);

static int failures, released, tasks, threads, told, result;
static unsigned in_space[64], out_space[64];

static void expect(int value, int wanted, const char *what)
{
  if (value == wanted) return;
  failures++;
  printf("%s: %d, not %d\n", what, value, wanted);
}

int convert_port_to_task(unsigned port) { tasks++; return port + 1; }
void task_deallocate(int task) { tasks--; }
int convert_port_to_thread(unsigned port) { threads++; return port + 2; }
void thread_deallocate(int thread) { threads--; }
void ipc_port_release_send(unsigned port) { released = released * 100 + port; }

int server_suspend(int task) { expect(task, 71, "task"); return result; }
int server_give(int task, int thread, unsigned b, unsigned *c, int *d)
{
  expect(task, 71, "task"), expect(b, 33, "port");
  *c = 55, *d = thread;
  return result;
}
int server_tell(unsigned port, int a) { expect(port, 70, "request port"); told = a; return 0; }

static int carry(struct header *m, unsigned send)
{
  struct header *in = (struct header *)in_space;
  memcpy(in, m, send);
  in->size = send;
  if (in->bits & 0x80000000) {
    /* Rights in the body, as the receiver sees them. */
    in_space[6] = in_space[6] & 0xffffff | 17 << 24;
    in_space[8] = in_space[8] & 0xffffff | 17 << 24;
  }
  in->bits = in->bits & 0x80000000 | 17 | 18 << 8;
  in->local = in->local ? in->local : 88;
  return kernel_server(in, (struct header *)out_space);
}
int mach_msg_rpc_from_kernel(struct header *m, unsigned send, unsigned room)
{
  struct header *out = (struct header *)out_space;
  expect(carry(m, send), 1, "demultiplexer");
  expect(out->remote, 88, "reply goes to the request's local port");
  expect(out->bits & 255, 18, "reply right");
  expect(out->size <= room, 1, "reply fits");
  memcpy(m, out, out->size);
  return 0;
}
int mach_msg_send_from_kernel(struct header *m, unsigned send)
{
  expect(carry(m, send), 1, "demultiplexer");
  return 0;
}

int main(void)
{
  unsigned c = 0;
  int d = 0;
  expect(user_suspend_message(70), 0, "suspend");
  expect(tasks, 0, "tasks given back");
  expect(released, 0, "the request port is the kernel's to release");
  expect(user_give_message(70, 44, 33, &c, &d), 0, "give");
  expect(c, 55, "port out"), expect(d, 46, "thread");
  expect(threads, 0, "threads given back"), expect(released, 44, "translated right released");
  released = 0;
  expect(user_give_message(70, 0, 33, &c, &d), 0, "give null");
  expect(user_give_message(70, -1, 33, &c, &d), 0, "give dead");
  expect(released, 0, "null and dead are not released");
  result = 5;
  expect(user_give_message(70, 44, 33, &c, &d), 5, "give, failing");
  expect(released, 0, "rights stay on failure"), expect(threads, 0, "threads given back");
  expect(user_tell_message(70, 9), 0, "tell"), expect(told, 9, "told");
  return failures != 0;
}
