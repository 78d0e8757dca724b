/* Descriptors: dup and its kin, fcntl, limits of their number, positions that are shared, locks. */
#include "transcript.h"
#include <sys/file.h>
#include <sys/resource.h>

static void duplicates(void)
{
  char byte;
  int file, copy;
  put_file("data", "0123456789");
  file = open("data", O_RDONLY);
  SAY(file == 3);
  SAY((copy = dup(file)) == 4);
  T(dup2(file, 10));
  T(dup2(file, file));
  T(dup2(99, 5));
  T(dup2(99, 99));
  T(dup2(file, -1));
  T(dup2(file, 1000000));
  T(dup(99));
  T(dup3(file, 11, O_CLOEXEC));
  T(dup3(file, file, 0));
  T(dup3(file, 12, O_APPEND));
  T(fcntl(11, F_GETFD));
  T(fcntl(10, F_GETFD));
  T(fcntl(file, F_DUPFD, 7));
  T(fcntl(file, F_DUPFD_CLOEXEC, 7));
  T(fcntl(8, F_GETFD));
  T(fcntl(file, F_DUPFD, -1));
  T(fcntl(file, F_DUPFD, 1000000));
  T(fcntl(10, F_SETFD, FD_CLOEXEC));
  T(fcntl(10, F_GETFD));
  T(lseek(copy, 5, SEEK_SET));
  T(read(file, &byte, 1));
  printf("%c\n", byte);
  T(lseek(10, 0, SEEK_CUR));
  close(file);
  T(read(copy, &byte, 1));
  SAY(open("data", O_RDONLY) == 3);
  for (int i = 3; i < 13; i++)
    close(i);
  T(close(3));
  T(close(-1));
}

static void flags(void)
{
  int file = open("data", O_RDWR | O_APPEND | O_CREAT, 0644);
  int mode = fcntl(file, F_GETFL);
  SAY((mode & O_ACCMODE) == O_RDWR);
  SAY((mode & O_APPEND) != 0);
  SAY((mode & (O_CREAT | O_NONBLOCK)) == 0);
  T(fcntl(file, F_SETFL, O_NONBLOCK));
  mode = fcntl(file, F_GETFL);
  SAY((mode & O_ACCMODE) == O_RDWR);
  SAY((mode & O_APPEND) == 0);
  SAY((mode & O_NONBLOCK) != 0);
  T(fcntl(file, 9999, 0));
  T(fcntl(99, F_GETFL));
  close(file);
  file = open("data", O_PATH);
  char byte;
  T(read(file, &byte, 1));
  T(fcntl(file, F_GETFD));
  struct stat status;
  T(fstat(file, &status));
  close(file);
  file = open("data", O_RDONLY | O_CLOEXEC);
  T(fcntl(file, F_GETFD));
  close(file);
}

static void most(void)
{
  struct rlimit limit = {20, 20};
  pid_t child;
  if (CHILD(child)) {
    int count = 0;
    T(setrlimit(RLIMIT_NOFILE, &limit));
    while (dup(0) >= 0)
      count++;
    printf("last: %s\n", strerrorname_np(errno));
    SAY(count > 0 && count < 20);
    T(open("data", O_RDONLY));
    int ends[2];
    T(pipe(ends));
    T(dup2(0, 20));
    T(dup2(0, 19));
    close(19);
    SAY(dup(0) == 19);
    leave(0);
  }
  reap("limit", child);
}

static void inherited(void)
{
  pid_t child;
  char byte;
  int file = open("data", O_RDONLY);
  if (CHILD(child)) {
    T(read(file, &byte, 1));
    T(lseek(file, 2, SEEK_CUR));
    leave(0);
  }
  reap("reader", child);
  T(lseek(file, 0, SEEK_CUR));
  if (CHILD(child)) {
    T(close(file));
    leave(0);
  }
  reap("closer", child);
  T(read(file, &byte, 1));
  close(file);
}

static int lock(int file, int command, int type, int start, int length)
{
  struct flock what = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(file, command, &what);
}

static void asked(int file, int type, int start, int length)
{
  struct flock what = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length, .l_pid = -1};
  int result = fcntl(file, F_GETLK, &what);
  printf("asked %d+%d: %d, type %d, %d+%d, holder %d\n", start, length, result, what.l_type, (int)what.l_start,
         (int)what.l_len, what.l_type == F_UNLCK ? 0 : what.l_pid == getppid());
}

static void record_locks(void)
{
  int file = open("data", O_RDWR), reader = open("data", O_RDONLY), ends[2], status;
  char byte;
  pid_t child;
  T(lock(file, F_SETLK, F_WRLCK, 0, 10));
  T(lock(file, F_SETLK, F_RDLCK, 20, 10));
  T(lock(reader, F_SETLK, F_WRLCK, 50, 1));
  if (CHILD(child)) {
    asked(file, F_WRLCK, 5, 1);
    asked(file, F_RDLCK, 20, 1);
    asked(file, F_WRLCK, 0, 0);
    asked(file, F_WRLCK, 100, 1);
    T(lock(file, F_SETLK, F_WRLCK, 9, 1));
    T(lock(file, F_SETLK, F_RDLCK, 25, 10));
    T(lock(file, F_SETLK, F_WRLCK, 25, 10));
    T(lock(file, F_SETLK, F_WRLCK, 10, 10));
    leave(0);
  }
  reap("locker", child);
  T(lock(file, F_SETLK, F_UNLCK, 3, 2));
  if (CHILD(child)) {
    asked(file, F_WRLCK, 0, 0);
    asked(file, F_WRLCK, 3, 2);
    asked(file, F_WRLCK, 4, 3);
    leave(0);
  }
  reap("asker", child);
  pipe(ends);
  if (CHILD(child)) {
    write(ends[1], "x", 1);
    T(lock(file, F_SETLKW, F_WRLCK, 0, 1));
    leave(0);
  }
  read(ends[0], &byte, 1);
  pass(20);
  puts("unlock");
  lock(file, F_SETLK, F_UNLCK, 0, 0);
  reap("waiter", child);
  T(lock(file, F_SETLK, F_WRLCK, 0, 1));
  close(reader);
  if (CHILD(child)) {
    asked(file, F_WRLCK, 0, 0);
    leave(0);
  }
  reap("closing any descriptor unlocks", child);
  T(lock(file, F_SETLK, F_WRLCK, 0, 1));
  if (CHILD(child)) {
    lock(file, F_SETLK, F_WRLCK, 5, 1);
    write(ends[1], "x", 1);
    T(lock(file, F_SETLKW, F_WRLCK, 0, 1));
    leave(0);
  }
  read(ends[0], &byte, 1);
  pass(30);
  T(lock(file, F_SETLKW, F_WRLCK, 5, 1));
  lock(file, F_SETLK, F_UNLCK, 0, 0);
  waitpid(child, &status, 0);
  wait_status("no deadlock", status);
  T(lock(file, F_SETLK, 77, 0, 1));
  T(lock(file, F_SETLK, F_WRLCK, -5, 1));
  T(lock(99, F_SETLK, F_WRLCK, 0, 1));
  close(file);
}

static void file_locks(void)
{
  int one = open("data", O_RDONLY), two = open("data", O_RDONLY);
  T(flock(one, LOCK_EX));
  T(flock(two, LOCK_EX | LOCK_NB));
  T(flock(two, LOCK_SH | LOCK_NB));
  T(flock(one, LOCK_SH));
  T(flock(two, LOCK_SH | LOCK_NB));
  T(flock(one, LOCK_EX | LOCK_NB));
  T(flock(two, LOCK_UN));
  T(flock(one, LOCK_EX | LOCK_NB));
  close(one);
  T(flock(two, LOCK_EX | LOCK_NB));
  T(flock(two, 0));
  T(flock(99, LOCK_SH));
  close(two);
}

int main(void)
{
  begin("descriptors");
  for (int i = 3; i < 20; i++)
    close(i);
  duplicates();
  flags();
  most();
  inherited();
  record_locks();
  file_locks();
  return 0;
}
