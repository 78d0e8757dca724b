/*
 * mach_msg_trap's optimised path as our own C, for the steps that host/mach/asm/mach_msg.s lists. That
 * text is what gcc makes of this; compiled.node.test.ts holds the two beside one another. Offsets and
 * constants come from host/abi. A check that fails leaves before anything is written.
 */
#include "abi.h"
typedef unsigned w;
#define W(p,o) (*(w *)((char *)(p) + (o)))
#define H(f) (IKM_HEADER+(f))
#define P(x) asm volatile("; probe " x ::: "memory")
extern w cpu_active_thread, cpu_ipc_kmsg_cache, cpu_ipc_space_kernel;
extern w copyinmsg(w,w,w), copyoutmsg(w,w,w), thread_handoff(w,w,w), ipc_kmsg_put(w,w,w), ipc_kmsg_get(w,w);
extern void ipc_kmsg_free(w);
extern void mach_msg_slow(void) __attribute__((noreturn));
extern void mach_msg_undo(w) __attribute__((noreturn));
extern void handoff_failed(w,w,w,w,w) __attribute__((noreturn));
extern void mach_msg_receive_slow(w) __attribute__((noreturn));
extern void thread_syscall_return(w) __attribute__((noreturn));
#define INDEX(n) ((n) >> 8)
#define GEN(n) ((n) << 24)
#define BITS(r,l) ((r) | (l) << 8)

w mach_msg_trap(w msg, w option, w send_size, w rcv_size, w rcv_name, w time_out, w notify)
{
  w self, space, kmsg, dest_port, reply_port, rcv_object, rcv_mqueue, dest_mqueue, receiver, entry;
  w reply_size;
  P("get");
  if (option != (MACH_SEND_MSG|MACH_RCV_MSG)) mach_msg_slow();
  self = cpu_active_thread;
  space = W(W(self, THREAD_TASK), TASK_ITK_SPACE);
  if ((send_size & 3) || send_size - 24 > 240 - 24) goto slow_get;
  kmsg = cpu_ipc_kmsg_cache;
  if (kmsg == 0) goto slow_get;
  cpu_ipc_kmsg_cache = 0;
fast_get_done:
  P("copyin");
  if (copyinmsg(msg, kmsg + IKM_HEADER, send_size)) mach_msg_undo(kmsg);
  P("translate");
  W(kmsg, H(MSGH_SIZE)) = send_size;
  switch (W(kmsg, H(MSGH_BITS))) {
  case BITS(19, 21): {
    w table, size, index, gen, bits, name;
    name = W(kmsg, H(MSGH_LOCAL_PORT));
    if (name != rcv_name) goto undo;
    table = W(space, IS_TABLE);
    size = W(space, IS_TABLE_SIZE);
    index = INDEX(name);
    gen = GEN(name);
    if (index >= size) goto undo;
    entry = table + index * 16;
    bits = W(entry, IE_BITS);
    if ((bits & (IE_BITS_GEN_MASK|IE_BITS_RECEIVE)) != (gen | IE_BITS_RECEIVE)) goto undo;
    reply_port = W(entry, IE_OBJECT);
    name = W(kmsg, H(MSGH_REMOTE_PORT));
    index = INDEX(name);
    gen = GEN(name);
    if (index >= size) goto undo;
    entry = table + index * 16;
    bits = W(entry, IE_BITS);
    if ((bits & (IE_BITS_GEN_MASK|IE_BITS_SEND)) != (gen | IE_BITS_SEND)) goto undo;
    dest_port = W(entry, IE_OBJECT);
    if ((int) W(dest_port, IP_BITS) >= 0) goto undo;
    if (W(dest_port, IP_RECEIVER) == cpu_ipc_space_kernel) goto undo;
    if (W(dest_port, IP_MSGCOUNT) >= W(dest_port, IP_QLIMIT)) goto undo;
    if (W(reply_port, IP_PSET) != 0) goto undo;
    rcv_object = reply_port;
    rcv_mqueue = reply_port + IP_MESSAGES;
    break;
  }
  case BITS(18, 0): {
    w table, size, index, gen, bits, name;
    if (W(kmsg, H(MSGH_LOCAL_PORT)) != 0) goto undo;
    table = W(space, IS_TABLE);
    size = W(space, IS_TABLE_SIZE);
    name = W(kmsg, H(MSGH_REMOTE_PORT));
    index = INDEX(name);
    gen = GEN(name);
    if (index >= size) goto undo;
    entry = table + index * 16;
    bits = W(entry, IE_BITS);
    if ((bits & (IE_BITS_GEN_MASK|IE_BITS_COLLISION|IE_BITS_SEND_ONCE)) != (gen | IE_BITS_SEND_ONCE)) goto undo;
    if (W(entry, IE_NEXT) != 0) goto undo;
    dest_port = W(entry, IE_OBJECT);
    if ((int) W(dest_port, IP_BITS) >= 0) goto undo;
    {
      w e;
      index = INDEX(rcv_name);
      gen = GEN(rcv_name);
      if (index >= size) goto undo;
      e = table + index * 16;
      bits = W(e, IE_BITS);
      if ((bits & IE_BITS_GEN_MASK) != gen) goto undo;
      if (!(bits & IE_BITS_RECEIVE)) goto undo;
      rcv_object = W(e, IE_OBJECT);
      if (W(rcv_object, IP_PSET) != 0) goto undo;
      rcv_mqueue = rcv_object + IP_MESSAGES;
    }
    break;
  }
  default:
    goto undo;
  }
  /* fast_send_receive */
  if (W(dest_port, IP_PSET) != 0) goto undo;
  dest_mqueue = dest_port + IP_MESSAGES;
  receiver = W(dest_mqueue, IMQ_THREADS);
  if (receiver == 0) goto undo;
  if (W(rcv_mqueue, IMQ_MESSAGES) != 0) goto undo;
  if (W(receiver, THREAD_SWAP_FUNC) != CONTINUATION_MACH_MSG) goto undo;
  /* commit */
  if (W(kmsg, H(MSGH_BITS)) == BITS(19, 21)) {
    W(dest_port, IP_SRIGHTS)++;
    W(dest_port, IP_REFERENCES)++;
    W(reply_port, IP_SORIGHTS)++;
    W(reply_port, IP_REFERENCES)++;
    W(kmsg, H(MSGH_BITS)) = BITS(17, 18);
    W(kmsg, H(MSGH_REMOTE_PORT)) = dest_port;
    W(kmsg, H(MSGH_LOCAL_PORT)) = reply_port;
  } else {
    w table = W(space, IS_TABLE);
    w gen = W(entry, IE_BITS) & IE_BITS_GEN_MASK;
    W(entry, IE_NEXT) = W(table, IE_NEXT);
    W(table, IE_NEXT) = INDEX(W(kmsg, H(MSGH_REMOTE_PORT)));
    W(entry, IE_BITS) = gen;
    W(entry, IE_OBJECT) = 0;
    W(kmsg, H(MSGH_BITS)) = BITS(18, 0);
    W(kmsg, H(MSGH_REMOTE_PORT)) = dest_port;
  }
  W(rcv_object, IP_REFERENCES)++;
  W(self, THREAD_ITH_MSG) = msg;
  W(self, THREAD_ITH_OPTION) = option;
  W(self, THREAD_ITH_RCV_SIZE) = rcv_size;
  W(self, THREAD_ITH_OBJECT) = rcv_object;
  W(self, THREAD_ITH_MQUEUE) = rcv_mqueue;
  P("handoff");
  if (!thread_handoff(self, CONTINUATION_MACH_MSG, receiver)) handoff_failed(kmsg, dest_port, rcv_object, entry, space);
  P("finish");
  {
    w first = W(rcv_mqueue, IMQ_THREADS);
    if (first == 0) {
      W(rcv_mqueue, IMQ_THREADS) = self;
      W(self, THREAD_ITH_NEXT) = self;
      W(self, THREAD_ITH_PREV) = self;
    } else {
      w last = W(first, THREAD_ITH_PREV);
      W(self, THREAD_ITH_NEXT) = first;
      W(self, THREAD_ITH_PREV) = last;
      W(first, THREAD_ITH_PREV) = self;
      W(last, THREAD_ITH_NEXT) = self;
    }
  }
  W(self, THREAD_ITH_STATE) = MACH_RCV_IN_PROGRESS;
  W(self, THREAD_ITH_MSIZE) = -1;
  {
    w next = W(receiver, THREAD_ITH_NEXT);
    if (next == receiver) W(dest_mqueue, IMQ_THREADS) = 0;
    else {
      w prev = W(receiver, THREAD_ITH_PREV);
      W(dest_mqueue, IMQ_THREADS) = next;
      W(next, THREAD_ITH_PREV) = prev;
      W(prev, THREAD_ITH_NEXT) = next;
    }
  }
  W(receiver, THREAD_ITH_STATE) = 0;
  W(kmsg, H(MSGH_SEQNO)) = W(dest_port, IP_SEQNO)++;
  self = receiver;
  space = W(W(receiver, THREAD_TASK), TASK_ITK_SPACE);
  msg = W(self, THREAD_ITH_MSG);
  rcv_size = W(self, THREAD_ITH_RCV_SIZE);
  rcv_object = W(self, THREAD_ITH_OBJECT);
  if (--W(rcv_object, IP_REFERENCES) == 0) goto receive_slow;
  /* fast_copyout */
  reply_size = W(kmsg, H(MSGH_SIZE));
  if (rcv_size < reply_size) goto receive_slow;
  switch (W(kmsg, H(MSGH_BITS))) {
  case BITS(17, 18): {
    w table, index, gen, dest_name, name;
    reply_port = W(kmsg, H(MSGH_LOCAL_PORT));
    if (reply_port == 0 || reply_port == (w) -1) goto receive_slow;
    if ((int) W(dest_port, IP_BITS) >= 0) goto receive_slow;
    if ((int) W(reply_port, IP_BITS) >= 0) goto receive_slow;
    table = W(space, IS_TABLE);
    index = W(table, IE_NEXT);
    if (index == 0) goto receive_slow;
    if (W(dest_port, IP_SRIGHTS) == 1 && W(dest_port, IP_NSREQUEST) != 0) goto receive_slow;
    entry = table + index * 16;
    W(table, IE_NEXT) = W(entry, IE_NEXT);
    W(entry, IE_NEXT) = 0;
    gen = W(entry, IE_BITS) + IE_BITS_GEN_ONE;
    name = index << 8 | gen >> 24;
    W(entry, IE_BITS) = gen | IE_BITS_SEND_ONCE | 1;
    W(entry, IE_OBJECT) = reply_port;
    W(dest_port, IP_REFERENCES)--;
    dest_name = W(dest_port, IP_RECEIVER) == space ? W(dest_port, IP_RECEIVER_NAME) : 0;
    W(dest_port, IP_SRIGHTS)--;
    W(kmsg, H(MSGH_BITS)) = BITS(18, 17);
    W(kmsg, H(MSGH_REMOTE_PORT)) = name;
    W(kmsg, H(MSGH_LOCAL_PORT)) = dest_name;
    break;
  }
  case BITS(18, 0):
    if ((int) W(dest_port, IP_BITS) >= 0) goto receive_slow;
    if (W(dest_port, IP_RECEIVER) != space) goto receive_slow;
    W(dest_port, IP_REFERENCES)--;
    W(dest_port, IP_SORIGHTS)--;
    W(kmsg, H(MSGH_BITS)) = BITS(0, 18);
    W(kmsg, H(MSGH_REMOTE_PORT)) = 0;
    W(kmsg, H(MSGH_LOCAL_PORT)) = W(dest_port, IP_RECEIVER_NAME);
    break;
  default:
    goto receive_slow;
  }
  P("copyout");
  if (W(kmsg, IKM_SIZE) != 256 || copyoutmsg(kmsg + IKM_HEADER, msg, reply_size)) {
    thread_syscall_return(ipc_kmsg_put(msg, kmsg, reply_size));
  }
  if (cpu_ipc_kmsg_cache == 0) cpu_ipc_kmsg_cache = kmsg; else ipc_kmsg_free(kmsg);
  thread_syscall_return(0);
slow_get:
  kmsg = ipc_kmsg_get(send_size, msg);
  goto fast_get_done;
undo:
  mach_msg_undo(kmsg);
receive_slow:
  mach_msg_receive_slow(kmsg);
}
