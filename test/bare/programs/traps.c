/* Handlers of faults: told where and why, they go on, or leave by siglongjmp; registers survive. */
#define _GNU_SOURCE
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static char *page;
static volatile int count, rings;

static void allow(int signal, siginfo_t *info, void *context)
{
  (void)context;
  count++;
  printf("%d %d %d\n", signal, info->si_code, (int)((char *)info->si_addr - page));
  mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void leave(int signal, siginfo_t *info, void *context)
{
  (void)context;
  printf("%d %d\n", signal, info->si_code);
  siglongjmp(back, signal);
}

/* The oracle tells no code of floating-point exceptions. */
static void leave_float(int signal)
{
  printf("%d\n", signal);
  siglongjmp(back, signal);
}

static void ring(int signal)
{
  volatile double x = signal * 1.5;
  volatile long long y = 123456789LL * signal;
  rings += x > 1 && y > 1;
}

static void set(int signal, void (*handler)(int, siginfo_t *, void *))
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(signal, &action, NULL);
}

/* Everything in registers, while a timer interrupts. */
static double work(int rounds)
{
  double a = 1, b = 2, c = 3;
  unsigned long long x = 1, y = 0x9e3779b97f4a7c15ull;
  for (int i = 0; i < rounds; i++) {
    a = a * 1.0000001 + b / 3;
    b = b * 0.999 + c;
    c = c > 100 ? c / 7 : c + 0.25;
    x = x * 6364136223846793005ull + y;
    y ^= x >> 29;
  }
  return a + b + c + (double)(x % 1000003) + (double)(y % 1009);
}

int main(void)
{
  volatile double zero = 0, one = 1, result = 0;
  struct itimerval timer = {{0, 3000}, {0, 3000}};

  page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  set(SIGSEGV, allow);
  page[123] = 5;
  printf("%d %d\n", page[123], count);
  mprotect(page, 4096, PROT_READ);
  page[123]++;
  printf("%d %d\n", page[123], count);

  set(SIGILL, leave);
  if (sigsetjmp(back, 1) == 0)
    __asm__ volatile(".word 0xffffffff");
  set(SIGFPE, leave);
  if (sigsetjmp(back, 1) == 0)
    __builtin_trap();
  set(SIGTRAP, leave);
  if (sigsetjmp(back, 1) == 0)
    __asm__ volatile("break 3,3");

  double alone = work(200000);
  signal(SIGALRM, ring);
  setitimer(ITIMER_REAL, &timer, NULL);
  double disturbed = 0;
  while (rings < 10)
    disturbed = work(200000);
  timer.it_value.tv_usec = 0;
  setitimer(ITIMER_REAL, &timer, NULL);
  printf("%d %.10g\n", alone == disturbed, alone);

  signal(SIGFPE, leave_float);
  feenableexcept(FE_DIVBYZERO | FE_INVALID);
  if (sigsetjmp(back, 1) == 0) {
    result = one / zero;
    result += 1;
    printf("not trapped %g\n", result);
  }
  if (sigsetjmp(back, 1) == 0) {
    result = zero / zero;
    result += 1;
    printf("not trapped %g\n", result);
  }
  fedisableexcept(FE_ALL_EXCEPT);
  printf("%g\n", one / zero);
  return 0;
}
