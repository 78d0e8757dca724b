/* Calls that wait and signals that come meanwhile: EINTR, or begun again where SA_RESTART asks for that. */
#include "transcript.h"
#include <poll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/time.h>

static volatile sig_atomic_t rung;
static int ends[2], full[2], file;

static void ring(int signal)
{
  (void)signal;
  rung++;
}

/* Ends what the call waits for, after the signal. */
static void later(pid_t parent, void (*then)(void))
{
  pass(70);
  kill(parent, SIGUSR1);
  pass(then == NULL ? 100 : 20);
  if (then != NULL)
    then();
  leave(0);
}

static void try(const char *what, int (*call)(void), void (*then)(void))
{
  for (int restart = 0; restart < 2; restart++) {
    struct sigaction action = {.sa_handler = ring, .sa_flags = restart ? SA_RESTART : 0};
    pid_t child, parent = getpid();
    char line[80];
    snprintf(line, sizeof line, "%s%s", what, restart ? ", begun again" : "");
    sigaction(SIGUSR1, &action, NULL);
    rung = 0;
    if (CHILD(child))
      later(parent, restart ? then : NULL);
    N(line, call());
    printf("handlers %d\n", (int)rung);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
      ;
  }
}

static int reads(void)
{
  char byte;
  return read(ends[0], &byte, 1);
}

static void writes_one(void)
{
  write(ends[1], "x", 1);
}

static int writes(void)
{
  return write(full[1], "x", 1);
}

static void empties(void)
{
  static char block[65536];
  read(full[0], block, sizeof block);
}

static int sleeps(void)
{
  struct timespec time = {9, 0}, left = {0, 0};
  int result = nanosleep(&time, &left), error = errno;
  if (result == -1)
    SAY(left.tv_sec > 0 && left.tv_sec < 9);
  errno = error;
  return result;
}

static int polls(void)
{
  struct pollfd wanted = {ends[0], POLLIN, 0};
  return poll(&wanted, 1, 9000);
}

static int selects(void)
{
  struct timeval time = {9, 0};
  return select(0, NULL, NULL, NULL, &time);
}

static int pauses(void)
{
  return pause();
}

static int locks(void)
{
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
  int result = fcntl(file, F_SETLKW, &lock), error = errno;
  lock.l_type = F_UNLCK;
  fcntl(file, F_SETLK, &lock);
  errno = error;
  return result;
}

static int locks_all(void)
{
  int result = flock(file, LOCK_EX), error = errno;
  flock(file, LOCK_UN);
  errno = error;
  return result;
}

static int waits(void)
{
  int result = waitpid(0, NULL, 0), error = errno;
  errno = error;
  return result > 0 ? 0 : result;
}

static int waits_for_signal(void)
{
  sigset_t set;
  struct timespec time = {9, 0};
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  return sigtimedwait(&set, NULL, &time);
}

static int opens(void)
{
  int end = open("fifo", O_RDONLY);
  if (end == -1)
    return -1;
  close(end);
  return 0;
}

static void opens_other(void)
{
  close(open("fifo", O_WRONLY | O_NONBLOCK));
}

/* Another process has the file locked for a while. */
static pid_t holder(int all, int milliseconds)
{
  pid_t child;
  int ready[2];
  char byte;
  pipe(ready);
  if (CHILD(child)) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    int own = open("locked", O_RDWR);
    if (all)
      flock(own, LOCK_EX);
    else
      fcntl(own, F_SETLK, &lock);
    write(ready[1], "x", 1);
    pass(milliseconds);
    leave(0);
  }
  read(ready[0], &byte, 1);
  close(ready[0]);
  close(ready[1]);
  return child;
}

static void try_locks(const char *what, int (*call)(void), int all)
{
  for (int restart = 0; restart < 2; restart++) {
    struct sigaction action = {.sa_handler = ring, .sa_flags = restart ? SA_RESTART : 0};
    pid_t child, parent = getpid(), owner = holder(all, restart ? 250 : 9000);
    char line[80];
    snprintf(line, sizeof line, "%s%s", what, restart ? ", begun again" : "");
    sigaction(SIGUSR1, &action, NULL);
    rung = 0;
    if (CHILD(child))
      later(parent, NULL);
    N(line, call());
    printf("handlers %d\n", (int)rung);
    waitpid(child, NULL, 0);
    kill(owner, SIGKILL);
    waitpid(owner, NULL, 0);
  }
}

/* Who waits for a lock of one that waits for his is told. */
static void deadlock(void)
{
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
  int ready[2];
  char byte;
  pid_t child;
  pipe(ready);
  N("the first byte", fcntl(file, F_SETLK, &lock));
  if (CHILD(child)) {
    lock.l_start = 1;
    N("the second", fcntl(file, F_SETLK, &lock));
    fflush(stdout);
    write(ready[1], "x", 1);
    lock.l_start = 0;
    N("and the first", fcntl(file, F_SETLKW, &lock));
    leave(0);
  }
  read(ready[0], &byte, 1);
  pass(40);
  lock.l_start = 1;
  N("the second", fcntl(file, F_SETLKW, &lock));
  lock.l_type = F_UNLCK;
  lock.l_start = lock.l_len = 0;
  fcntl(file, F_SETLK, &lock);
  reap("other", child);
}

/* A signal that is ignored or blocked ends no call; one that stops and continues neither. */
static void quiet(void)
{
  struct timespec time = {0, 120000000};
  pid_t child, parent = getpid();
  sigset_t set;
  signal(SIGUSR1, SIG_IGN);
  if (CHILD(child))
    later(parent, NULL);
  N("ignored", nanosleep(&time, NULL));
  reap("sender", child);
  signal(SIGUSR1, ring);
  rung = 0;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  if (CHILD(child))
    later(parent, NULL);
  N("blocked", nanosleep(&time, NULL));
  reap("sender", child);
  printf("handlers %d\n", (int)rung);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  printf("handlers %d\n", (int)rung);
  if (CHILD(child)) {
    char byte;
    N("read while it was stopped", read(ends[0], &byte, 1));
    leave(0);
  }
  pass(30);
  kill(child, SIGSTOP);
  pass(10);
  kill(child, SIGCONT);
  pass(10);
  write(ends[1], "x", 1);
  reap("stopped", child);
}

static void ring_slowly(int signal)
{
  struct timespec from, now;
  clock_gettime(CLOCK_MONOTONIC, &from);
  do
    clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - from.tv_sec) * 1000000000LL + now.tv_nsec - from.tv_nsec < 12000000);
  ring(signal);
  if (rung == 6) {
    struct itimerval off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &off, NULL);
  }
}

/* What comes while a handler runs is taken when it returns, into a program that makes no call. */
static void kept_back(void)
{
  struct itimerval timer = {{0, 5000}, {0, 5000}};
  signal(SIGALRM, ring_slowly);
  rung = 0;
  setitimer(ITIMER_REAL, &timer, NULL);
  while (rung < 6)
    ;
  puts("all taken");
}

int main(void)
{
  static char block[65536];
  begin("interrupts");
  alarm(60);
  pipe(ends);
  pipe(full);
  mkfifo("fifo", 0600);
  put_file("locked", "x");
  file = open("locked", O_RDWR);
  fcntl(full[1], F_SETFL, O_NONBLOCK);
  while (write(full[1], block, 4096) > 0)
    ;
  fcntl(full[1], F_SETFL, 0);
  try("read", reads, writes_one);
  try("write", writes, empties);
  try("nanosleep", sleeps, NULL);
  try("poll", polls, NULL);
  try("select", selects, NULL);
  try("pause", pauses, NULL);
  try("wait", waits, NULL);
  try("sigtimedwait", waits_for_signal, NULL);
  try("open", opens, opens_other);
  try_locks("fcntl", locks, 0);
  try_locks("flock", locks_all, 1);
  deadlock();
  quiet();
  kept_back();
  return 0;
}
