/* Signals: actions, masks, delivery, what handlers are told, calls that signals interrupt. */
#include "transcript.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static volatile int depth;
static pid_t parent;
static sigjmp_buf back;
static volatile int *nowhere;

static void note(int signal)
{
  printf("handler %s, depth %d\n", sigabbrev_np(signal), depth);
}

static void nested(int signal)
{
  depth++;
  printf("enter %s, depth %d\n", sigabbrev_np(signal), depth);
  if (depth < 3)
    raise(signal == SIGUSR1 ? SIGUSR2 : SIGUSR1);
  printf("leave %s, depth %d\n", sigabbrev_np(signal), depth);
  depth--;
}

static void told(int signal, siginfo_t *info, void *context)
{
  printf("told %s: code %d, ", sigabbrev_np(signal), info->si_code);
  if (signal == SIGCHLD)
    printf("status %d, child %d\n", info->si_status, info->si_pid > 0);
  else
    printf("own %d, value %d\n", info->si_pid == parent, info->si_code == SI_QUEUE ? info->si_value.sival_int : 0);
  SAY(context != NULL);
}

static void handle(int signal, void (*handler)(int), int flags, int blocked)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  if (blocked)
    sigaddset(&action.sa_mask, blocked);
  if (sigaction(signal, &action, NULL) == -1)
    printf("sigaction: %s\n", strerrorname_np(errno));
}

static void actions(void)
{
  struct sigaction action;
  handle(SIGUSR1, note, SA_RESETHAND, SIGUSR2);
  T(raise(SIGUSR1));
  sigaction(SIGUSR1, NULL, &action);
  SAY(action.sa_handler == SIG_DFL);
  handle(SIGUSR1, note, SA_RESTART | SA_NODEFER, SIGHUP);
  sigaction(SIGUSR1, NULL, &action);
  SAY(action.sa_handler == note);
  printf("flags %x, mask %d %d\n", action.sa_flags, sigismember(&action.sa_mask, SIGHUP), sigismember(&action.sa_mask, SIGINT));
  T(sigaction(SIGKILL, &action, NULL));
  T(sigaction(SIGSTOP, &action, NULL));
  T(sigaction(SIGKILL, NULL, &action));
  T(sigaction(0, NULL, &action));
  T(sigaction(65, NULL, &action));
  handle(SIGUSR1, nested, SA_NODEFER, 0);
  handle(SIGUSR2, nested, SA_NODEFER, 0);
  raise(SIGUSR1);
  handle(SIGUSR1, nested, 0, SIGUSR2);
  depth = 2;
  raise(SIGUSR1);
  depth = 0;
}

static void masks(void)
{
  sigset_t set, old;
  handle(SIGUSR1, note, 0, 0);
  handle(SIGUSR2, note, 0, 0);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGKILL);
  T(sigprocmask(SIG_BLOCK, &set, &old));
  T(sigprocmask(SIG_BLOCK, NULL, &set));
  printf("blocked %d %d %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2), sigismember(&set, SIGKILL));
  raise(SIGUSR2);
  raise(SIGUSR1);
  raise(SIGUSR1);
  sigpending(&set);
  printf("pending %d %d %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2), sigismember(&set, SIGHUP));
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  puts("unblock USR2");
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  puts("all back");
  sigprocmask(SIG_SETMASK, &old, NULL);
  puts("suspend");
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, &old);
  raise(SIGUSR1);
  sigfillset(&set);
  sigdelset(&set, SIGUSR1);
  T(sigsuspend(&set));
  sigprocmask(SIG_BLOCK, NULL, &set);
  printf("blocked after %d %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGINT));
  sigprocmask(SIG_SETMASK, &old, NULL);
  T(sigprocmask(17, &set, NULL));
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  handle(SIGUSR1, SIG_IGN, 0, 0);
  handle(SIGUSR1, SIG_DFL, 0, 0);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  puts("a signal that was ignored is gone");
}

static void told_of(void)
{
  struct sigaction action;
  union sigval value;
  sigset_t set;
  pid_t child;
  parent = getpid();
  memset(&action, 0, sizeof action);
  action.sa_sigaction = told;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGCHLD, &action, NULL);
  sigaction(SIGRTMIN + 1, &action, NULL);
  T(kill(getpid(), SIGUSR1));
  T(raise(SIGUSR1));
  value.sival_int = 41;
  T(sigqueue(getpid(), SIGUSR1, value));
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  if (CHILD(child))
    leave(12);
  reap("child", child);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  if (CHILD(child)) {
    signal(SIGTERM, SIG_DFL);
    kill(getpid(), SIGTERM);
    leave(1);
  }
  while (waitpid(child, NULL, 0) == -1)
    ;
  signal(SIGCHLD, SIG_DFL);
  T(kill(getpid(), 0));
  T(kill(1234567, 0));
  T(kill(getpid(), 65));
  T(kill(getpid(), -1));
  T(sigqueue(getpid(), 65, value));
  T(kill(0x7fffffff, SIGTERM));
}

static void queued(void)
{
  union sigval value;
  struct timespec zero = {0, 0};
  siginfo_t info;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN + 1);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (value.sival_int = 1; value.sival_int <= 3; value.sival_int++)
    sigqueue(getpid(), SIGRTMIN + 1, value);
  raise(SIGUSR1);
  SAY(sigwaitinfo(&set, &info) == SIGUSR1);
  for (int i = 0; i < 3; i++) {
    SAY(sigtimedwait(&set, &info, &zero) == SIGRTMIN + 1);
    printf("value %d\n", info.si_value.sival_int);
  }
  T(sigtimedwait(&set, &info, &zero));
  zero.tv_nsec = 1000000;
  T(sigtimedwait(&set, &info, &zero));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void interrupted(void)
{
  struct timespec time = {5, 0}, left = {0, 0};
  pid_t child, self = getpid();
  char byte;
  int ends[2], status;
  pipe(ends);
  handle(SIGUSR1, note, 0, 0);
  if (CHILD(child)) {
    pass(30);
    kill(self, SIGUSR1);
    leave(0);
  }
  T(read(ends[0], &byte, 1));
  reap("interrupter", child);
  handle(SIGUSR1, note, SA_RESTART, 0);
  if (CHILD(child)) {
    pass(30);
    kill(self, SIGUSR1);
    pass(30);
    write(ends[1], "x", 1);
    leave(0);
  }
  T(read(ends[0], &byte, 1));
  printf("read '%c'\n", byte);
  reap("interrupter", child);
  if (CHILD(child)) {
    pass(30);
    kill(self, SIGUSR1);
    leave(0);
  }
  T(nanosleep(&time, &left));
  SAY(left.tv_sec == 4);
  reap("interrupter", child);
  handle(SIGUSR1, note, 0, 0);
  if (CHILD(child)) {
    pass(30);
    kill(self, SIGUSR1);
    pass(60);
    leave(4);
  }
  T(wait(&status));
  OK(wait(&status));
  wait_status("slow child", status);
  if (CHILD(child)) {
    pass(30);
    kill(self, SIGUSR1);
    leave(0);
  }
  T(pause());
  reap("interrupter", child);
}

static void fault(int signal, siginfo_t *info, void *context)
{
  (void)context;
  printf("fault %s: code %d, address %d\n", sigabbrev_np(signal), info->si_code, info->si_addr == (void *)nowhere);
  siglongjmp(back, 1);
}

static void faults(void)
{
  struct sigaction action;
  stack_t stack, old;
  char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pid_t child;
  nowhere = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap((void *)nowhere, 4096);
  memset(&action, 0, sizeof action);
  action.sa_sigaction = fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, NULL);
  if (sigsetjmp(back, 1) == 0)
    *nowhere = 1;
  if (sigsetjmp(back, 1) == 0)
    *(volatile char *)page = 1;
  stack.ss_sp = malloc(65536);
  stack.ss_size = 65536;
  stack.ss_flags = 0;
  T(sigaltstack(&stack, NULL));
  T(sigaltstack(NULL, &old));
  SAY(old.ss_sp == stack.ss_sp && old.ss_size == 65536 && old.ss_flags == 0);
  if (sigsetjmp(back, 1) == 0)
    *nowhere = 1;
  stack.ss_size = 100;
  T(sigaltstack(&stack, NULL));
  stack.ss_flags = 77;
  T(sigaltstack(&stack, NULL));
  stack.ss_flags = SS_DISABLE;
  T(sigaltstack(&stack, NULL));
  signal(SIGSEGV, SIG_DFL);
  if (CHILD(child))
    *nowhere = 1;
  reap("wild write", child);
  signal(SIGSEGV, SIG_IGN);
  if (CHILD(child))
    *nowhere = 1;
  reap("wild write, ignored", child);
  signal(SIGSEGV, SIG_DFL);
}

static void *stack_base;
static void on_stack(int signal)
{
  char here;
  stack_t stack;
  (void)signal;
  SAY(&here >= (char *)stack_base && &here < (char *)stack_base + 65536);
  sigaltstack(NULL, &stack);
  printf("flags %d\n", stack.ss_flags);
  stack.ss_flags = SS_DISABLE;
  T(sigaltstack(&stack, NULL));
}

static void other_stack(void)
{
  stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
  stack_base = stack.ss_sp;
  sigaltstack(&stack, NULL);
  handle(SIGUSR1, on_stack, SA_ONSTACK, 0);
  raise(SIGUSR1);
}

static void defaults(void)
{
  static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGALRM, SIGTERM, SIGUSR1, SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGVTALRM, SIGPROF, SIGXCPU, SIGSYS, SIGTRAP, SIGBUS, SIGFPE};
  pid_t child;
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
    if (CHILD(child)) {
      signal(signals[i], SIG_DFL);
      raise(signals[i]);
      leave(0);
    }
    reap(sigabbrev_np(signals[i]), child);
  }
  if (CHILD(child)) {
    int ends[2];
    pipe(ends);
    close(ends[0]);
    write(ends[1], "x", 1);
    leave(0);
  }
  reap("PIPE", child);
}

static void children(void)
{
  pid_t child;
  signal(SIGCHLD, SIG_IGN);
  if (CHILD(child))
    leave(0);
  T(waitpid(child, NULL, 0));
  signal(SIGCHLD, SIG_DFL);
}

static void timers(void)
{
  handle(SIGALRM, note, 0, 0);
  T(alarm(100));
  T(alarm(1));
  T(pause());
  T(alarm(0));
}

int main(void)
{
  begin("signals");
  actions();
  masks();
  told_of();
  queued();
  interrupted();
  faults();
  other_stack();
  defaults();
  children();
  timers();
  return 0;
}
