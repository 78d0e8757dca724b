/*
 * What becomes of accesses to memory: each is tried, and the signal that it gets is part of the transcript.
 */
#ifndef FAULTS_H
#define FAULTS_H
#include "transcript.h"
#include <setjmp.h>

static sigjmp_buf back;
static volatile int code, number;

static void note(int signal, siginfo_t *info, void *context)
{
  (void)context;
  code = info->si_code;
  number = signal;
  siglongjmp(back, 1);
}

/* What a read or write of a byte gets. */
static void touch(const char *what, volatile char *address, int write)
{
  number = 0;
  if (sigsetjmp(back, 1) == 0) {
    if (write)
      *address = 1;
    else
      (void)*address;
  }
  if (number)
    printf("%s: %s, code %d\n", what, sigabbrev_np(number), code);
  else
    printf("%s: fine\n", what);
}

/* From here on `touch` may be used. */
static void note_faults(void)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = note;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}

#endif
