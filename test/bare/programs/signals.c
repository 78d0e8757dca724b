/* Handlers, masks, pending signals, alternate stacks, timers; what a handler may see and change. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int count, last, code, value;
static char *volatile where;
static char stack[16384];

static void simple(int signal)
{
  count++;
  last = signal;
  where = __builtin_frame_address(0);
}

static void informed(int signal, siginfo_t *info, void *context)
{
  (void)context;
  count++;
  last = signal;
  code = info->si_code;
  value = info->si_value.sival_int;
}

static void nested(int signal)
{
  printf("in %d\n", signal);
  if (signal == SIGUSR1)
    raise(SIGUSR2);
  printf("out %d\n", signal);
}

static void set(int signal, void (*handler)(int), int flags)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, NULL);
}

static int pending(int signal)
{
  sigset_t s;
  sigpending(&s);
  return sigismember(&s, signal);
}

int main(void)
{
  struct sigaction action, old;
  sigset_t mask, before;

  set(SIGUSR1, simple, 0);
  raise(SIGUSR1);
  printf("%d %d\n", count, last);
  kill(getpid(), SIGUSR1);
  printf("%d %d\n", count, last);
  sigaction(SIGUSR1, NULL, &old);
  printf("%d %x\n", old.sa_handler == simple, old.sa_flags);

  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigaddset(&mask, SIGUSR2);
  sigprocmask(SIG_BLOCK, &mask, &before);
  raise(SIGUSR1);
  raise(SIGUSR1);
  printf("%d pending %d %d\n", count, pending(SIGUSR1), pending(SIGUSR2));
  sigprocmask(SIG_SETMASK, &before, NULL);
  printf("%d pending %d\n", count, pending(SIGUSR1));

  set(SIGUSR1, nested, 0);
  set(SIGUSR2, nested, 0);
  raise(SIGUSR1);
  sigaddset(&mask, SIGUSR2);
  memset(&action, 0, sizeof action);
  action.sa_handler = nested;
  action.sa_mask = mask;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);

  set(SIGUSR1, simple, SA_RESETHAND);
  raise(SIGUSR1);
  sigaction(SIGUSR1, NULL, &old);
  printf("%d %d\n", count, old.sa_handler == SIG_DFL);
  set(SIGUSR1, SIG_IGN, 0);
  raise(SIGUSR1);
  raise(SIGCHLD);
  printf("%d\n", count);

  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  printf("%d\n", sigaltstack(&alternate, NULL));
  set(SIGUSR1, simple, SA_ONSTACK);
  raise(SIGUSR1);
  printf("%d\n", where >= stack && where < stack + sizeof stack);
  set(SIGUSR1, simple, 0);
  raise(SIGUSR1);
  printf("%d\n", where >= stack && where < stack + sizeof stack);

  memset(&action, 0, sizeof action);
  action.sa_sigaction = informed;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  printf("%d %d %d\n", count, last, code);
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77});
  printf("%d %d %d\n", count, code, value);
  sigaction(SIGRTMIN + 3, &action, NULL);
  sigaddset(&mask, SIGRTMIN + 3);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  for (int i = 0; i < 3; i++)
    sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = i});
  count = 0;
  sigprocmask(SIG_SETMASK, &before, NULL);
  printf("%d queued, the last %d\n", count, value);

  set(SIGALRM, simple, 0);
  count = 0;
  alarm(1);
  errno = 0;
  printf("pause %d %d", pause(), errno == EINTR);
  printf(" %d %d\n", count, last);
  struct itimerval timer = {{0, 20000}, {0, 20000}};
  setitimer(ITIMER_REAL, &timer, NULL);
  while (count < 5)
    ;
  timer.it_value.tv_usec = timer.it_interval.tv_usec = 0;
  setitimer(ITIMER_REAL, &timer, NULL);
  printf("%d rings\n", count >= 5);
  sigaddset(&mask, SIGALRM);
  sigprocmask(SIG_BLOCK, &mask, &before);
  ualarm(20000, 0);
  count = 0;
  printf("%d %d %d\n", sigsuspend(&before), errno == EINTR, count);
  sigprocmask(SIG_SETMASK, &before, NULL);
  ualarm(30000, 0);
  struct timespec wait = {5, 0}, left = {0, 0};
  printf("%d %d %d\n", nanosleep(&wait, &left), errno == EINTR, left.tv_sec == 4);
  printf("%d %d\n", kill(getpid(), 99), errno);
  printf("%d %d\n", kill(getpid(), 0), sigaction(SIGKILL, &action, NULL));
  fflush(stdout);
  signal(SIGABRT, simple);
  abort();
}
