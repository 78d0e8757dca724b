/* What the oracle answers otherwise than Linux: one line for each id of known-deviations.txt. */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile int code;

static void note(int signal, siginfo_t *info, void *context)
{
  (void)signal;
  (void)context;
  code = info->si_code;
  siglongjmp(back, 1);
}

int main(int argc, char **argv, char **environment)
{
  struct sigaction action;
  volatile double zero = 0, one = 1;
  char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  (void)argc;
  (void)argv;
  munmap(page + 4096, 4096);
  printf("mprotect %d\n", mprotect(page + 4096, 4096, PROT_READ) ? errno : 0);
  printf("madvise %d\n", madvise(page + 4096, 4096, MADV_NORMAL) ? errno : 0);
  printf("mremap %d\n", mremap(page + 4096, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED ? errno : 0);
  memset(&action, 0, sizeof action);
  action.sa_sigaction = note;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGFPE, &action, NULL);
  feenableexcept(FE_DIVBYZERO);
  if (!sigsetjmp(back, 1)) {
    zero = one / zero;
    zero = zero + one;
  }
  printf("float-code %d\n", code);
  printf("execve %s\n", environment[0]);
  return 0;
}
