/* What a process says about itself: prctl; and calls that older programs make. */
#include "transcript.h"
#include <sys/prctl.h>
#include <sys/syscall.h>

static void *const wild = (void *)0xfffffff0ul;
static volatile sig_atomic_t rung;

static void ring(int signal)
{
  (void)signal;
  rung++;
}

static void names(void)
{
  char name[17] = "----------------";
  T(prctl(PR_SET_NAME, "short", 0, 0, 0));
  T(prctl(PR_GET_NAME, name, 0, 0, 0));
  puts(name);
  SAY(name[15] == 0);
  T(prctl(PR_SET_NAME, "a name that is too long", 0, 0, 0));
  T(prctl(PR_GET_NAME, name, 0, 0, 0));
  puts(name);
  T(prctl(PR_SET_NAME, wild, 0, 0, 0));
  T(prctl(PR_GET_NAME, wild, 0, 0, 0));
}

static void settings(void)
{
  int value = 77;
  T(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
  T(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  T(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
  T(prctl(PR_SET_DUMPABLE, 77, 0, 0, 0));
  T(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
  T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  T(prctl(PR_SET_NO_NEW_PRIVS, 77, 0, 0, 0));
  T(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  T(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  T(prctl(PR_SET_PDEATHSIG, 77, 0, 0, 0));
  T(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0));
  SAY(value == 0);
  T(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
  T(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0));
  SAY(value == SIGUSR1);
  T(prctl(PR_GET_PDEATHSIG, wild, 0, 0, 0));
  T(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
  T(prctl(77777, 0, 0, 0, 0));
}

/* A child is told of its parent's end; it has not inherited that from its own. */
static void orphans(void)
{
  int ends[2], gone[2], value = 77;
  char byte;
  pid_t child, grandchild;
  sigset_t usr1, none;
  sigemptyset(&usr1);
  sigemptyset(&none);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, NULL);
  signal(SIGUSR1, ring);
  pipe(ends);
  pipe(gone);
  if (CHILD(child)) {
    prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0);
    if (CHILD(grandchild)) {
      prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0);
      SAY(value == 0);
      T(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
      fflush(stdout);
      write(ends[1], "x", 1);
      while (!rung)
        sigsuspend(&none);
      puts("told");
      leave(0);
    }
    read(ends[0], &byte, 1);
    leave(0);
  }
  /* All is over when nobody has the pipe any more. */
  close(gone[1]);
  N("nobody writes", read(gone[0], &byte, 1));
  reap("child", child);
  sigprocmask(SIG_UNBLOCK, &usr1, NULL);
}

struct old_entry {
  unsigned long d_ino, d_off;
  unsigned short d_reclen;
  char d_name[];
};

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Calls that a later one has replaced. */
static void older(void)
{
  char room[1024], *names[16];
  int directory, count = 0;
  long length;
  unsigned long set = 1ul << (SIGUSR2 - 1), old = 77;
  put_file("a", "12345");
  put_file("a longer name", "");
  mkdir("directory", 0755);
  directory = open(".", O_RDONLY);
  length = syscall(SYS_getdents, directory, room, sizeof room);
  SAY(length > 0);
  for (long at = 0; at < length;) {
    struct old_entry *entry = (struct old_entry *)(room + at);
    names[count++] = entry->d_name;
    at += entry->d_reclen;
  }
  qsort(names, count, sizeof *names, by_name);
  for (int i = 0; i < count; i++)
    puts(names[i]);
  N("at the end", syscall(SYS_getdents, directory, room, sizeof room));
  lseek(directory, 0, SEEK_SET);
  N("no room", syscall(SYS_getdents, directory, room, 4));
  N("no directory", syscall(SYS_getdents, 77, room, 4));
  close(directory);
  T(syscall(SYS_sigprocmask, SIG_BLOCK, &set, &old));
  SAY(old == 0);
  raise(SIGUSR2);
  T(syscall(SYS_sigpending, &old));
  SAY(old == set);
  signal(SIGUSR2, ring);
  rung = 0;
  T(syscall(SYS_sigprocmask, SIG_UNBLOCK, &set, &old));
  SAY(old == set && rung == 1);
  T(syscall(SYS_sigprocmask, 77, &set, NULL));
  T(syscall(SYS_sigprocmask, SIG_BLOCK, wild, NULL));
  T(syscall(SYS_sigpending, wild));
}

/* The kernel's own `struct stat` and `struct statfs`, as far as is looked at here. */
struct old_stat {
  unsigned st_dev, st_ino;
  unsigned short st_mode, st_nlink, reserved[2];
  int st_rdev, st_size;
  unsigned more[30];
};

static void show(const char *what, const struct old_stat *found)
{
  printf("%s: %o, %d links, %d bytes\n", what, found->st_mode, found->st_nlink, found->st_size);
}

static void old_stats(void)
{
  struct old_stat found;
  long status[32];
  int file;
  symlink("a", "link");
  link("a", "b");
  T(syscall(SYS_stat, "link", &found));
  show("stat", &found);
  T(syscall(SYS_lstat, "link", &found));
  SAY(S_ISLNK(found.st_mode) && found.st_size == 1);
  file = open("a", O_RDONLY);
  T(syscall(SYS_fstat, file, &found));
  show("fstat", &found);
  T(syscall(SYS_statfs, ".", status));
  SAY(status[1] >= 512 && status[2] >= status[3] && status[9] == 255);
  T(syscall(SYS_fstatfs, file, status));
  SAY(status[9] == 255);
  close(file);
  T(syscall(SYS_stat, "nothing", &found));
  T(syscall(SYS_stat, "a", wild));
  T(syscall(SYS_lstat, wild, &found));
  T(syscall(SYS_fstat, 77, &found));
  T(syscall(SYS_statfs, "nothing", status));
  T(syscall(SYS_statfs, ".", wild));
  T(syscall(SYS_fstatfs, 77, status));
}

int main(void)
{
  begin("control");
  names();
  settings();
  orphans();
  older();
  old_stats();
  return 0;
}
