/* poll and select: what is ready, what has ended, time that runs out, signals. */
#include "transcript.h"
#include <poll.h>
#include <sys/select.h>

static int ends[2];

static void show(const char *what, int result, struct pollfd *files, int count)
{
  printf("%s: %d", what, result);
  for (int i = 0; i < count; i++)
    printf(" %x", files[i].revents);
  puts("");
}

static void note(int signal)
{
  printf("handler %s\n", sigabbrev_np(signal));
}

static void polls(void)
{
  struct pollfd files[4];
  char byte;
  put_file("data", "x");
  pipe(ends);
  files[0] = (struct pollfd){ends[0], POLLIN, 0};
  files[1] = (struct pollfd){ends[1], POLLOUT, 0};
  files[2] = (struct pollfd){open("data", O_RDWR), POLLIN | POLLOUT, 0};
  files[3] = (struct pollfd){-1, POLLIN, 0x7f};
  show("empty", poll(files, 4, 0), files, 4);
  write(ends[1], "x", 1);
  show("full", poll(files, 4, 0), files, 4);
  read(ends[0], &byte, 1);
  show("time runs out", poll(files, 1, 20), files, 1);
  files[3].fd = 99;
  show("not open", poll(files + 3, 1, 1000), files + 3, 1);
  close(ends[1]);
  show("writer gone", poll(files, 1, -1), files, 1);
  close(ends[0]);
  pipe(ends);
  files[1].fd = ends[1];
  close(ends[0]);
  show("reader gone", poll(files + 1, 1, -1), files + 1, 1);
  files[1].events = 0;
  show("nothing asked", poll(files + 1, 1, -1), files + 1, 1);
  close(ends[1]);
  T(poll(NULL, 0, 5));
  close(files[2].fd);
}

static void waits(void)
{
  struct pollfd file;
  pid_t child;
  pipe(ends);
  if (CHILD(child)) {
    pass(30);
    write(ends[1], "x", 1);
    leave(0);
  }
  file = (struct pollfd){ends[0], POLLIN, 0};
  show("later", poll(&file, 1, -1), &file, 1);
  reap("writer", child);
  close(ends[0]);
  close(ends[1]);
}

static void selects(void)
{
  fd_set reading, writing, other;
  struct timeval time = {0, 10000};
  char byte;
  pipe(ends);
  FD_ZERO(&reading);
  FD_ZERO(&writing);
  FD_ZERO(&other);
  FD_SET(ends[0], &reading);
  FD_SET(ends[1], &writing);
  FD_SET(ends[0], &other);
  T(select(ends[1] + 1, &reading, &writing, &other, &time));
  printf("%d %d %d\n", FD_ISSET(ends[0], &reading), FD_ISSET(ends[1], &writing), FD_ISSET(ends[0], &other));
  write(ends[1], "x", 1);
  FD_SET(ends[0], &reading);
  FD_SET(ends[1], &writing);
  T(select(ends[1] + 1, &reading, &writing, NULL, NULL));
  printf("%d %d\n", FD_ISSET(ends[0], &reading), FD_ISSET(ends[1], &writing));
  read(ends[0], &byte, 1);
  FD_ZERO(&reading);
  FD_SET(ends[0], &reading);
  T(select(ends[0] + 1, &reading, NULL, NULL, &time));
  printf("%d\n", FD_ISSET(ends[0], &reading));
  close(ends[1]);
  FD_SET(ends[0], &reading);
  T(select(ends[0] + 1, &reading, NULL, NULL, NULL));
  close(ends[0]);
  FD_ZERO(&reading);
  /* Closed, but within the first 64: Linux does not look behind the room of its table. */
  FD_SET(ends[0], &reading);
  T(select(ends[0] + 1, &reading, NULL, NULL, &time));
  T(select(-1, NULL, NULL, NULL, &time));
  time.tv_sec = -1;
  T(select(0, NULL, NULL, NULL, &time));
  time.tv_sec = 0;
  time.tv_usec = 10000;
  T(select(0, NULL, NULL, NULL, &time));
}

static void signals(void)
{
  struct timespec time = {5, 0};
  struct sigaction action;
  sigset_t set, none;
  pid_t child, self = getpid();
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  if (CHILD(child)) {
    pass(30);
    kill(self, SIGUSR1);
    leave(0);
  }
  T(poll(NULL, 0, 5000));
  reap("killer", child);
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  T(pselect(0, NULL, NULL, NULL, &time, &none));
  raise(SIGUSR1);
  T(ppoll(NULL, 0, &time, &none));
  sigprocmask(SIG_BLOCK, NULL, &set);
  printf("blocked %d\n", sigismember(&set, SIGUSR1));
  time.tv_sec = 0;
  T(ppoll(NULL, 0, &time, &none));
  time.tv_nsec = -1;
  T(ppoll(NULL, 0, &time, NULL));
}

int main(void)
{
  begin("polling");
  polls();
  waits();
  selects();
  signals();
  return 0;
}
