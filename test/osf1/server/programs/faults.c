/* Null pointers, and signals between any two instructions of a program that never calls. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int ticks;

static void fault(int signal, siginfo_t *info, void *context) {
  printf("signal %d, code %d, at %p\n", signal, info->si_code, info->si_addr);
  siglongjmp(back, 1);
}
static void tick(int signal) { ticks++; }

int main(void) {
  struct sigaction action = {0};
  action.sa_sigaction = fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, NULL);
  volatile int *null = (volatile int *)8;
  if (!sigsetjmp(back, 1)) printf("read %d\n", *null);
  if (!sigsetjmp(back, 1)) *null = 1;

  struct itimerval timer = {{0, 10000}, {0, 10000}};
  signal(SIGALRM, tick);
  setitimer(ITIMER_REAL, &timer, NULL);
  unsigned wrong = 0;
  while (ticks < 20) {
    unsigned a = 1, b = 2, c = 3;
    double d = 0.5;
    for (int i = 0; i < 1000; i++) {
      unsigned t = a * 3 + b;
      a = b ^ c, b = c + 7, c = t;
      d = d * 0.5 + 0.25;
    }
    static unsigned first;
    if (first == 0) first = a ^ b ^ c;
    if (first != (a ^ b ^ c) || d != 0.5) wrong++;
  }
  printf("wrong %u\n", wrong);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0)
    for (;;) ;
  int status;
  kill(child, SIGINT);
  printf("%d\n", waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
  return 0;
}
