/* POSIX timers, and whose clocks there are. */
#include "transcript.h"
#include <limits.h>
#include <sys/syscall.h>
#include <sys/time.h>

static volatile sig_atomic_t rung;
static siginfo_t told;

static void ring(int signal, siginfo_t *information, void *context)
{
  (void)signal;
  (void)context;
  told = *information;
  rung++;
}

static void handle(int signal)
{
  struct sigaction action = {.sa_sigaction = ring, .sa_flags = SA_SIGINFO};
  sigaction(signal, &action, NULL);
}

static void hold(int how, int signal)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigprocmask(how, &set, NULL);
}

/* Waits until a signal has come; who waits without, waits for ever. */
static void await(int count)
{
  sigset_t none;
  sigemptyset(&none);
  while (rung < count)
    sigsuspend(&none);
}

static struct itimerspec in(long milliseconds, long again)
{
  struct itimerspec setting = {{again / 1000, again % 1000 * 1000000},
                               {milliseconds / 1000, milliseconds % 1000 * 1000000}};
  return setting;
}

static void making(void)
{
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  timer_t timer;
  struct itimerspec setting = in(0, 0);
  event.sigev_value.sival_int = 4711;
  T(timer_create(CLOCK_MONOTONIC, &event, &timer));
  T(timer_gettime(timer, &setting));
  SAY(setting.it_value.tv_sec == 0 && setting.it_value.tv_nsec == 0);
  T(timer_getoverrun(timer));
  T(timer_delete(timer));
  T(timer_delete(timer));
  T(timer_gettime(timer, &setting));
  T(timer_getoverrun(timer));
  T(timer_settime(timer, 0, &setting, NULL));
  T(timer_create(77, &event, &timer));
  event.sigev_signo = 99;
  T(timer_create(CLOCK_MONOTONIC, &event, &timer));
  event.sigev_signo = 0;
  T(timer_create(CLOCK_MONOTONIC, &event, &timer));
  event.sigev_notify = 77;
  T(timer_create(CLOCK_MONOTONIC, &event, &timer));
  T(timer_create(CLOCK_REALTIME, NULL, &timer));
  setting.it_value.tv_nsec = 1000000000;
  T(timer_settime(timer, 0, &setting, NULL));
  setting.it_value.tv_nsec = -1;
  T(timer_settime(timer, 0, &setting, NULL));
  setting.it_value.tv_nsec = 0;
  setting.it_interval.tv_sec = -1;
  T(timer_settime(timer, 0, &setting, NULL));
  T(timer_delete(timer));
}

static void ringing(int clock, int signal)
{
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal};
  struct itimerspec setting = in(20, 10), old;
  struct timespec before, after;
  timer_t timer;
  event.sigev_value.sival_int = 4711;
  printf("clock %d, signal %s\n", clock, signal < SIGRTMIN ? sigabbrev_np(signal) : "RT");
  hold(SIG_BLOCK, signal);
  handle(signal);
  T(timer_create(clock, &event, &timer));
  rung = 0;
  clock_gettime(CLOCK_MONOTONIC, &before);
  T(timer_settime(timer, 0, &setting, NULL));
  T(timer_gettime(timer, &old));
  SAY(old.it_value.tv_sec == 0 && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 20000000);
  SAY(old.it_interval.tv_sec == 0 && old.it_interval.tv_nsec == 10000000);
  await(1);
  clock_gettime(CLOCK_MONOTONIC, &after);
  SAY((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 19);
  SAY(told.si_signo == signal);
  SAY(told.si_code == SI_TIMER);
  SAY(told.si_value.sival_int == 4711);
  await(3);
  setting = in(0, 0);
  T(timer_settime(timer, 0, &setting, &old));
  SAY(old.it_interval.tv_nsec == 10000000);
  T(timer_gettime(timer, &old));
  SAY(old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
  T(timer_delete(timer));
  hold(SIG_UNBLOCK, signal);
}

static void overrun(void)
{
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
  struct itimerspec setting = in(5, 5);
  timer_t timer;
  handle(SIGUSR2);
  hold(SIG_BLOCK, SIGUSR2);
  T(timer_create(CLOCK_MONOTONIC, &event, &timer));
  T(timer_settime(timer, 0, &setting, NULL));
  pass(100);
  rung = 0;
  await(1);
  SAY(told.si_overrun >= 10 && told.si_overrun < 1000);
  SAY(timer_getoverrun(timer) == told.si_overrun);
  setting = in(0, 0);
  T(timer_settime(timer, 0, &setting, NULL));
  T(timer_delete(timer));
  hold(SIG_UNBLOCK, SIGUSR2);
}

static void absolute(int clock)
{
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  struct itimerspec setting = in(0, 0);
  struct timespec now;
  timer_t timer;
  handle(SIGUSR1);
  hold(SIG_BLOCK, SIGUSR1);
  T(timer_create(clock, &event, &timer));
  clock_gettime(clock, &setting.it_value);
  setting.it_value.tv_nsec += 30000000;
  if (setting.it_value.tv_nsec >= 1000000000) {
    setting.it_value.tv_sec++;
    setting.it_value.tv_nsec -= 1000000000;
  }
  rung = 0;
  T(timer_settime(timer, TIMER_ABSTIME, &setting, NULL));
  await(1);
  clock_gettime(clock, &now);
  SAY(now.tv_sec > setting.it_value.tv_sec || now.tv_nsec >= setting.it_value.tv_nsec ||
      now.tv_sec == setting.it_value.tv_sec);
  /* One that has passed is at once. */
  setting.it_value.tv_sec = 1;
  T(timer_settime(timer, TIMER_ABSTIME, &setting, NULL));
  await(2);
  T(timer_delete(timer));
  hold(SIG_UNBLOCK, SIGUSR1);
}

static void quiet(void)
{
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  struct itimerspec setting = in(200, 0), old;
  timer_t timer;
  T(timer_create(CLOCK_MONOTONIC, &event, &timer));
  T(timer_settime(timer, 0, &setting, NULL));
  T(timer_gettime(timer, &old));
  SAY(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 200000000);
  pass(300);
  T(timer_gettime(timer, &old));
  SAY(old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
  T(timer_delete(timer));
}

static void processor(void)
{
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  struct itimerspec setting = in(20, 0);
  timer_t timer;
  handle(SIGUSR1);
  T(timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer));
  rung = 0;
  T(timer_settime(timer, 0, &setting, NULL));
  pass(60);
  SAY(rung == 0);
  while (!rung)
    ;
  SAY(told.si_code == SI_TIMER);
  T(timer_delete(timer));
}

static void heirs(void)
{
  struct itimerspec setting = in(60000, 0);
  timer_t timer;
  pid_t child;
  T(timer_create(CLOCK_MONOTONIC, NULL, &timer));
  T(timer_settime(timer, 0, &setting, NULL));
  if (CHILD(child)) {
    T(timer_gettime(timer, &setting));
    T(timer_create(CLOCK_MONOTONIC, NULL, &timer));
    T(timer_delete(timer));
    leave(0);
  }
  reap("child has no timer", child);
  T(timer_delete(timer));
}

static void others(void)
{
  struct timespec time;
  clockid_t clock;
  pid_t child;
  N("own processor clock", clock_getcpuclockid(0, &clock));
  T(clock_gettime(clock, &time));
  SAY(time.tv_sec > 0 || time.tv_nsec > 0);
  N("of nobody", clock_getcpuclockid(0x3ffffff, &clock) == ESRCH);
  if (CHILD(child)) {
    pass(1000);
    leave(0);
  }
  N("of a child", clock_getcpuclockid(child, &clock));
  T(clock_gettime(clock, &time));
  SAY(time.tv_sec == 0);
  kill(child, SIGKILL);
  reap("child", child);
  T(clock_gettime(clock, &time));
  T(clock_getres(clock, &time));
}

static void setting(void)
{
  struct timespec time = {1000, 0};
  struct timeval day = {1000, 1000000};
  time.tv_nsec = 1000000000;
  T(clock_settime(CLOCK_REALTIME, &time));
  time.tv_nsec = 0;
  T(clock_settime(CLOCK_MONOTONIC, &time));
  T(clock_settime(77, &time));
  T(settimeofday(&day, NULL));
  if (getuid() == 0 && setuid(77) == -1)
    puts("setuid");
  T(clock_settime(CLOCK_REALTIME, &time));
  day.tv_usec = 0;
  T(settimeofday(&day, NULL));
}

static void hostile(void)
{
  static void *const wild = (void *)0xfffffff0ul;
  struct itimerspec setting = in(0, 0);
  timer_t timer;
  T(syscall(SYS_timer_create, CLOCK_MONOTONIC, wild, &timer));
  T(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, wild));
  T(timer_create(CLOCK_MONOTONIC, NULL, &timer));
  T(syscall(SYS_timer_settime, timer, 0, wild, NULL));
  T(syscall(SYS_timer_settime, timer, 0, NULL, NULL));
  T(syscall(SYS_timer_settime, timer, 0, &setting, wild));
  T(syscall(SYS_timer_gettime, timer, wild));
  T(syscall(SYS_timer_gettime, -1, &setting));
  T(syscall(SYS_timer_settime, 0x7fffffff, 0, &setting, NULL));
  T(syscall(SYS_timer_delete, -1));
  T(timer_delete(timer));
}

int main(void)
{
  begin("timers");
  making();
  ringing(CLOCK_MONOTONIC, SIGUSR1);
  ringing(CLOCK_REALTIME, SIGRTMIN + 3);
  overrun();
  absolute(CLOCK_MONOTONIC);
  absolute(CLOCK_REALTIME);
  quiet();
  processor();
  heirs();
  others();
  hostile();
  setting();
  return 0;
}
