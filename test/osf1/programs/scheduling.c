/* How a process is scheduled, as far as it may ask. */
#include "transcript.h"
#include <sched.h>
#include <sys/syscall.h>

int main(void) {
  struct sched_param parameters = {77};
  unsigned processor = 4711, node = 4711;
  static const int policies[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, 4, 99, -1};
  for (unsigned i = 0; i < sizeof policies / sizeof *policies; i++) {
    N("least", sched_get_priority_min(policies[i]));
    N("greatest", sched_get_priority_max(policies[i]));
  }
  T(sched_getscheduler(0));
  N("of itself", sched_getscheduler(getpid()));
  T(sched_getscheduler(-1));
  T(sched_getscheduler(0x3fffffff));
  T(sched_getparam(0, &parameters));
  SAY(parameters.sched_priority == 0);
  T(sched_getparam(0, 0));
  T(sched_getparam(-1, &parameters));
  T(sched_getparam(0x3fffffff, &parameters));
  T(sched_getparam(0, (void *)0x3ffff000));
  T(syscall(SYS_getcpu, &processor, &node, 0));
  SAY(processor < 1024 && node < 1024);
  T(syscall(SYS_getcpu, 0, 0, 0));
  T(syscall(SYS_getcpu, 0x3ffff000, 0, 0));
  T(sched_yield());
  return 0;
}
