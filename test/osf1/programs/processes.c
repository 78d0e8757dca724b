/* fork, wait and its kin, process groups and sessions. */
#include "transcript.h"
#include <sched.h>
#include <sys/resource.h>

static int shared = 1;

static void statuses(void)
{
  pid_t child;
  int status;
  if (CHILD(child))
    leave(7);
  reap("exit 7", child);
  if (CHILD(child))
    leave(0x1ff);
  reap("exit 0x1ff", child);
  if (CHILD(child)) {
    raise(SIGTERM);
    leave(1);
  }
  reap("raise TERM", child);
  if (CHILD(child)) {
    signal(SIGABRT, SIG_DFL);
    abort();
  }
  reap("abort", child);
  T(waitpid(-1, &status, 0));
  T(waitpid(-1, &status, WNOHANG));
  T(waitpid(1234567, &status, 0));
  T(waitpid(-1, &status, 0x40000));
}

static void copies(void)
{
  pid_t child;
  int local = 1;
  if (CHILD(child)) {
    shared = 2;
    local = 3;
    printf("child: %d %d\n", shared, local);
    leave(0);
  }
  reap("copy", child);
  printf("parent: %d %d\n", shared, local);
  child = vfork();
  if (child == 0)
    _exit(5);
  reap("vfork", child);
}

static void identities(void)
{
  pid_t child, self = getpid();
  SAY(getpid() == self);
  if (CHILD(child)) {
    SAY(getpid() != self);
    SAY(getppid() == self);
    SAY(getpgrp() == getpgid(self));
    SAY(getsid(0) == getsid(self));
    leave(0);
  }
  reap("identities", child);
}

static void many(void)
{
  pid_t children[8], done;
  int sum = 0, status, i;
  for (i = 0; i < 8; i++)
    if (CHILD(children[i]))
      leave(i + 1);
  while ((done = wait(&status)) > 0)
    sum += WEXITSTATUS(status);
  printf("eight children: %d %s\n", sum, strerrorname_np(errno));
  if (CHILD(children[0])) {
    pass(20);
    leave(1);
  }
  T(waitpid(children[0], &status, WNOHANG));
  reap("after", children[0]);
}

static void groups(void)
{
  pid_t child, other, got;
  int status;
  if (CHILD(child)) {
    T(setpgid(0, 0));
    SAY(getpgrp() == getpid());
    T(setsid());
    leave(0);
  }
  reap("group leader", child);
  if (CHILD(child)) {
    SAY(setsid() == getpid());
    SAY(getsid(0) == getpid());
    SAY(getpgrp() == getpid());
    T(setpgid(0, 0));
    leave(0);
  }
  reap("session leader", child);
  if (CHILD(child)) {
    pause();
    leave(1);
  }
  T(setpgid(child, child));
  SAY(getpgid(child) == child);
  if (CHILD(other)) {
    pause();
    leave(1);
  }
  T(setpgid(other, child));
  T(kill(-child, SIGUSR1));
  for (int i = 0; i < 2; i++) {
    got = waitpid(-child, &status, 0);
    wait_status(got == child || got == other ? "of the group" : "another", status);
  }
  T(waitpid(-child, &status, 0));
  T(setpgid(1234567, 0));
  T(setpgid(0, -1));
  T(setpgid(0, 1234567));
  T(getpgid(1234567));
  T(getsid(1234567));
  T(getpgid(-1));
}

static void stopping(void)
{
  pid_t child;
  int status, told[2];
  char byte = 0;
  pipe(told);
  if (CHILD(child)) {
    raise(SIGSTOP);
    /* Its end must not come before its going on has been seen. */
    read(told[0], &byte, 1);
    leave(3);
  }
  SAY(waitpid(child, &status, WUNTRACED) == child);
  wait_status("stop", status);
  T(waitpid(child, &status, WUNTRACED | WNOHANG));
  T(kill(child, SIGCONT));
  SAY(waitpid(child, &status, WCONTINUED) == child);
  write(told[1], &byte, 1);
  wait_status("continue", status);
  reap("end", child);
}

static volatile sig_atomic_t rung;

static void ring(int signal)
{
  (void)signal;
  rung++;
}

/* A process that is being made is one of its group already: signals of the group find it so. */
static void meanwhile(void)
{
  pid_t leader, sender, child;
  int status, ended = 0;
  if (CHILD(leader)) {
    setpgid(0, 0);
    signal(SIGUSR1, ring);
    if (CHILD(sender)) {
      signal(SIGUSR1, SIG_IGN);
      for (;;)
        kill(0, SIGUSR1);
    }
    while (rung < 5)
      ;
    for (int i = 0; i < 20; i++) {
      while ((child = fork()) == -1)
        ;
      if (child == 0)
        _exit(5);
      while (waitpid(child, &status, 0) == -1)
        ;
      ended += WIFEXITED(status) && WEXITSTATUS(status) == 5;
    }
    kill(sender, SIGKILL);
    printf("ended %d\n", ended);
    leave(0);
  }
  reap("leader", leader);
}

static void waiting_by_id(void)
{
  siginfo_t info;
  pid_t child;
  if (CHILD(child))
    leave(9);
  memset(&info, 0, sizeof info);
  T(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  SAY(info.si_pid == child);
  printf("%d %d %d\n", info.si_code == CLD_EXITED, info.si_status, info.si_signo == SIGCHLD);
  T(waitid(P_ALL, 0, &info, WEXITED));
  printf("%d %d\n", info.si_code == CLD_EXITED, info.si_status);
  T(waitid(P_ALL, 0, &info, WEXITED));
  T(waitid(P_ALL, 0, &info, 0));
  if (CHILD(child)) {
    raise(SIGKILL);
    leave(1);
  }
  T(waitid(P_PID, child, &info, WEXITED));
  printf("%d %d\n", info.si_code == CLD_KILLED, info.si_status);
}

static void orphans(void)
{
  int ends[2];
  pid_t child;
  char byte = 0;
  pipe(ends);
  if (CHILD(child)) {
    pid_t parent = getpid();
    if (fork() == 0) {
      while (getppid() == parent)
        sched_yield();
      byte = getppid() != parent ? 'y' : 'n';
      write(ends[1], &byte, 1);
      _exit(0);
    }
    leave(0);
  }
  reap("first parent", child);
  close(ends[1]);
  T(read(ends[0], &byte, 1));
  printf("another parent: %c\n", byte);
  close(ends[0]);
}

static void usage_of_children(void)
{
  struct rusage usage;
  pid_t child;
  int status;
  if (CHILD(child))
    leave(0);
  memset(&usage, 0xff, sizeof usage);
  SAY(wait4(child, &status, 0, &usage) == child);
  SAY(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_sec < 100);
  SAY(usage.ru_stime.tv_usec >= 0 && usage.ru_stime.tv_usec < 1000000);
}

int main(void)
{
  begin("processes");
  statuses();
  copies();
  identities();
  many();
  groups();
  stopping();
  waiting_by_id();
  meanwhile();
  orphans();
  usage_of_children();
  return 0;
}
