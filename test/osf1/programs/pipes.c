/* Pipes, with and without names: transfer, ends, waiting and not waiting. */
#include "transcript.h"
#include <sys/ioctl.h>

static char block[200000];

static void simple(void)
{
  char text[64];
  int ends[2], count;
  struct stat status;
  T(pipe(ends));
  fstat(ends[0], &status);
  SAY(S_ISFIFO(status.st_mode));
  T(write(ends[1], "hello", 5));
  T(ioctl(ends[0], FIONREAD, &count));
  printf("%d\n", count);
  T(read(ends[0], text, 3));
  T(read(ends[0], text, 50));
  T(read(ends[0], text, 0));
  T(read(ends[1], text, 1));
  T(write(ends[0], text, 1));
  T(lseek(ends[0], 0, SEEK_SET));
  T(pread(ends[0], text, 1, 0));
  T(ftruncate(ends[1], 0));
  T(write(ends[1], "rest", 4));
  T(close(ends[1]));
  T(read(ends[0], text, 50));
  T(read(ends[0], text, 50));
  close(ends[0]);
}

static void broken(void)
{
  int ends[2];
  pipe(ends);
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  T(write(ends[1], "x", 1));
  T(write(ends[1], "", 0));
  signal(SIGPIPE, SIG_DFL);
  close(ends[1]);
}

static void not_waiting(void)
{
  char byte;
  int ends[2], total = 0;
  ssize_t count;
  T(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
  T(fcntl(ends[0], F_GETFD));
  SAY((fcntl(ends[1], F_GETFL) & O_NONBLOCK) != 0);
  T(read(ends[0], &byte, 1));
  while ((count = write(ends[1], block, 4096)) > 0)
    total += count;
  printf("full: %s\n", strerrorname_np(errno));
  SAY(total >= 4096 && total % 4096 == 0);
  T(read(ends[0], block, 4000));
  T(write(ends[1], block, 4096));
  while (total > 0 && (count = read(ends[0], block, sizeof block)) > 0)
    total -= count;
  T(read(ends[0], &byte, 1));
  close(ends[1]);
  T(read(ends[0], &byte, 1));
  close(ends[0]);
  T(pipe2(ends, 077));
}

static void transfer(void)
{
  unsigned sum = 0, expected = 0;
  ssize_t count;
  pid_t child;
  int ends[2], total = 0;
  for (unsigned i = 0; i < sizeof block; i++)
    expected += (unsigned char)(block[i] = i * 7 + i / 251);
  pipe(ends);
  if (CHILD(child)) {
    close(ends[0]);
    T(write(ends[1], block, sizeof block));
    leave(0);
  }
  close(ends[1]);
  memset(block, 0, sizeof block);
  while ((count = read(ends[0], block, 3001)) > 0) {
    total += count;
    for (int i = 0; i < count; i++)
      sum += (unsigned char)block[i];
  }
  printf("total %d\n", total);
  SAY(sum == expected);
  reap("writer", child);
  close(ends[0]);
}

static void pieces(void)
{
  static char record[512];
  pid_t children[3];
  int ends[2], wrong = 0, count[3] = {0};
  pipe(ends);
  for (int i = 0; i < 3; i++)
    if (CHILD(children[i])) {
      memset(record, 'a' + i, sizeof record);
      for (int j = 0; j < 40; j++)
        write(ends[1], record, sizeof record);
      leave(0);
    }
  close(ends[1]);
  for (;;) {
    int done = 0;
    ssize_t now;
    while (done < 512 && (now = read(ends[0], record + done, 512 - done)) > 0)
      done += now;
    if (done < 512)
      break;
    for (int i = 1; i < 512; i++)
      wrong += record[i] != record[0];
    count[record[0] - 'a']++;
  }
  printf("%d %d %d, mixed %d\n", count[0], count[1], count[2], wrong);
  for (int i = 0; i < 3; i++)
    reap("writer", children[i]);
  close(ends[0]);
}

static void named(void)
{
  char text[16] = "";
  pid_t child;
  int file;
  T(mkfifo("fifo", 0600));
  T(mkfifo("fifo", 0600));
  T(open("fifo", O_WRONLY | O_NONBLOCK));
  OK(file = open("fifo", O_RDONLY | O_NONBLOCK));
  T(read(file, text, 1));
  close(file);
  if (CHILD(child)) {
    file = open("fifo", O_WRONLY);
    write(file, "by name", 7);
    leave(0);
  }
  OK(file = open("fifo", O_RDONLY));
  for (int done = 0, now; (now = read(file, text + done, 15 - done)) > 0;)
    done += now;
  printf("'%s'\n", text);
  reap("writer", child);
  close(file);
  OK(file = open("fifo", O_RDWR));
  T(write(file, "both", 4));
  T(read(file, text, 4));
  close(file);
  T(unlink("fifo"));
}

static void line(void)
{
  int first[2], second[2], value = 0;
  pid_t child, other;
  pipe(first);
  pipe(second);
  if (CHILD(child)) {
    close(first[1]);
    close(second[0]);
    while (read(first[0], &value, sizeof value) == sizeof value) {
      value = value * 2 + 1;
      write(second[1], &value, sizeof value);
    }
    leave(3);
  }
  close(first[0]);
  close(second[1]);
  for (int i = 0; i < 20; i++) {
    write(first[1], &value, sizeof value);
    read(second[0], &value, sizeof value);
  }
  printf("%d\n", value);
  close(first[1]);
  T(read(second[0], &value, sizeof value));
  reap("server", child);
  close(second[0]);
  (void)other;
}

int main(void)
{
  begin("pipes");
  simple();
  broken();
  not_waiting();
  transfer();
  pieces();
  named();
  line();
  return 0;
}
