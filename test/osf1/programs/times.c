/* Time: clocks, sleeping, timers. */
#include "transcript.h"
#include <sys/time.h>
#include <sys/times.h>

static volatile int rung;

static void ring(int signal)
{
  (void)signal;
  rung++;
}

static long long now(clockid_t clock)
{
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void clocks(void)
{
  struct timespec spec;
  struct timeval day;
  long long before;
  struct tms tms;
  T(clock_gettime(CLOCK_REALTIME, &spec));
  SAY(spec.tv_nsec >= 0 && spec.tv_nsec < 1000000000);
  T(clock_gettime(CLOCK_MONOTONIC, &spec));
  T(clock_gettime(77, &spec));
  T(clock_getres(CLOCK_MONOTONIC, &spec));
  SAY(spec.tv_sec == 0 && spec.tv_nsec > 0);
  before = now(CLOCK_MONOTONIC);
  SAY(now(CLOCK_MONOTONIC) >= before);
  T(gettimeofday(&day, NULL));
  SAY(labs(day.tv_sec - time(NULL)) <= 1);
  SAY(labs((long)(now(CLOCK_REALTIME) / 1000000000) - time(NULL)) <= 1);
  SAY(times(&tms) != -1);
  SAY(tms.tms_utime >= 0 && tms.tms_cutime >= 0);
  before = now(CLOCK_PROCESS_CPUTIME_ID);
  for (volatile int i = 0; i < 300000; i++)
    ;
  SAY(now(CLOCK_PROCESS_CPUTIME_ID) > before);
  SAY(sysconf(_SC_CLK_TCK) == 100);
}

static void sleeping(void)
{
  struct timespec time = {0, 20000000}, left;
  long long before = now(CLOCK_MONOTONIC), passed;
  T(nanosleep(&time, NULL));
  passed = now(CLOCK_MONOTONIC) - before;
  SAY(passed >= 20000000 && passed < 2000000000);
  time.tv_nsec = 1000000000;
  T(nanosleep(&time, NULL));
  time.tv_nsec = -1;
  T(nanosleep(&time, NULL));
  time.tv_sec = -1;
  time.tv_nsec = 0;
  T(nanosleep(&time, NULL));
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_nsec += 20000000;
  if (time.tv_nsec >= 1000000000) {
    time.tv_nsec -= 1000000000;
    time.tv_sec++;
  }
  T(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL));
  T(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL));
  before = now(CLOCK_PROCESS_CPUTIME_ID);
  time.tv_sec = 0;
  time.tv_nsec = 50000000;
  nanosleep(&time, &left);
  SAY(now(CLOCK_PROCESS_CPUTIME_ID) - before < 50000000);
}

static void timers(void)
{
  struct itimerval timer = {{0, 10000}, {0, 20000}}, old;
  long long before;
  signal(SIGALRM, ring);
  signal(SIGVTALRM, ring);
  signal(SIGPROF, ring);
  T(setitimer(ITIMER_REAL, &timer, NULL));
  T(getitimer(ITIMER_REAL, &old));
  SAY(old.it_interval.tv_usec == 10000 && old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0);
  for (rung = 0; rung < 3;)
    pause();
  memset(&timer, 0, sizeof timer);
  T(setitimer(ITIMER_REAL, &timer, &old));
  SAY(old.it_interval.tv_usec == 10000);
  T(getitimer(ITIMER_REAL, &old));
  SAY(old.it_value.tv_usec == 0 && old.it_interval.tv_usec == 0);
  timer.it_value.tv_usec = 10000;
  rung = 0;
  T(setitimer(ITIMER_VIRTUAL, &timer, NULL));
  while (!rung)
    ;
  rung = 0;
  T(setitimer(ITIMER_PROF, &timer, NULL));
  while (!rung)
    ;
  T(getitimer(77, &old));
  timer.it_value.tv_usec = 1000000;
  T(setitimer(ITIMER_REAL, &timer, NULL));
  T(setitimer(77, &timer, NULL));
  before = now(CLOCK_MONOTONIC);
  T(alarm(1));
  T(pause());
  SAY(now(CLOCK_MONOTONIC) - before >= 990000000);
}

static void inherited(void)
{
  pid_t child;
  alarm(100);
  if (CHILD(child)) {
    T(alarm(0));
    leave(0);
  }
  reap("child has no alarm", child);
  T(alarm(0));
}

int main(void)
{
  begin("times");
  clocks();
  sleeping();
  timers();
  inherited();
  return 0;
}
