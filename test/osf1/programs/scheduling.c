/* How a process is scheduled, as far as it may ask. */
#include "transcript.h"
#include <sched.h>
#include <sys/syscall.h>

/* What may be set by everybody: there is one processor at least, and an ordinary policy or two. */
static void setting(void)
{
  struct sched_param parameters = {0};
  struct timespec turn = {77, 77};
  cpu_set_t processors;
  T(sched_setscheduler(0, SCHED_BATCH, &parameters));
  T(sched_getscheduler(0));
  T(sched_setparam(0, &parameters));
  T(sched_setscheduler(0, SCHED_OTHER, &parameters));
  T(sched_getscheduler(0));
  T(sched_setscheduler(0, 99, &parameters));
  T(sched_setscheduler(0, SCHED_FIFO, &parameters));
  parameters.sched_priority = 1;
  T(sched_setscheduler(0, SCHED_OTHER, &parameters));
  T(sched_setparam(0, &parameters));
  T(sched_setscheduler(0, SCHED_OTHER, NULL));
  T(sched_setscheduler(-1, SCHED_OTHER, &parameters));
  T(sched_setscheduler(0x3fffffff, SCHED_OTHER, &parameters));
  T(sched_setparam(0, (void *)0x3ffff000));
  T(sched_rr_get_interval(0, &turn));
  SAY(turn.tv_sec == 0 && turn.tv_nsec >= 0 && turn.tv_nsec < 1000000000);
  T(sched_rr_get_interval(-1, &turn));
  T(sched_rr_get_interval(0x3fffffff, &turn));
  T(syscall(SYS_sched_rr_get_interval, 0, 0x3ffff000));
  N("own processors", sched_getaffinity(0, sizeof processors, &processors) >= 0);
  N("the same", sched_setaffinity(0, sizeof processors, &processors));
  CPU_ZERO(&processors);
  T(sched_setaffinity(0, sizeof processors, &processors));
  T(sched_setaffinity(0x3fffffff, sizeof processors, &processors));
  T(sched_setaffinity(0, 4, (void *)0x3ffff000));
}

int main(void)
{
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
  setting();
  return 0;
}
