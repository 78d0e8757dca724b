/* What the C library makes of several calls: names of memory and semaphores, walks, temporary files, spawning. */
#define _FILE_OFFSET_BITS 64
#include "transcript.h"
#include <dirent.h>
#include <ftw.h>
#include <glob.h>
#include <semaphore.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/time.h>

extern char **environ;
static char program[4096];

static void memory(void)
{
  char name[64], *memory;
  struct stat status;
  int object;
  pid_t child;
  sprintf(name, "/inkwell-%d", (int)getpid());
  T(shm_open(name, O_RDWR, 0600));
  OK(object = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
  T(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
  T(fcntl(object, F_GETFD));
  T(ftruncate(object, 8192));
  T(fstat(object, &status));
  printf("%o %d\n", status.st_mode, (int)status.st_size);
  memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
  close(object);
  strcpy(memory, "the parent's");
  if (CHILD(child)) {
    char *again;
    object = shm_open(name, O_RDWR, 0);
    again = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
    puts(again);
    strcpy(again, "the child's");
    leave(0);
  }
  reap("child", child);
  puts(memory);
  T(shm_unlink(name));
  T(shm_unlink(name));
  SAY(memory[0] == 't');
  munmap(memory, 8192);
}

static void semaphores(void)
{
  struct timespec time;
  char name[64];
  sem_t *here, *there;
  int value;
  pid_t child;
  sprintf(name, "/inkwell-%d", (int)getpid());
  SAY(sem_open(name, 0) == SEM_FAILED);
  here = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
  SAY(here != SEM_FAILED);
  T(sem_trywait(here));
  T(sem_trywait(here));
  clock_gettime(CLOCK_REALTIME, &time);
  T(sem_timedwait(here, &time));
  if (CHILD(child)) {
    there = sem_open(name, 0);
    pass(30);
    sem_post(there);
    pass(30);
    sem_post(there);
    leave(0);
  }
  T(sem_wait(here));
  time.tv_sec += 60;
  T(sem_timedwait(here, &time));
  reap("child", child);
  T(sem_getvalue(here, &value));
  printf("%d\n", value);
  T(sem_close(here));
  T(sem_unlink(name));
  T(sem_unlink(name));
}

static int visited;

static int visit(const char *path, const struct stat *status, int kind, struct FTW *at)
{
  (void)path;
  visited += (kind == FTW_DP) * 100 + (kind == FTW_F) * 10 + (kind == FTW_SL);
  (void)status;
  return at->level > 3;
}

static int only_b(const struct dirent *entry)
{
  return entry->d_name[0] == 'b';
}

static void walks(void)
{
  struct dirent **list, *entry;
  glob_t found;
  char path[64];
  DIR *directory;
  int count;
  mkdir("tree", 0755);
  mkdir("tree/inner", 0755);
  for (int i = 0; i < 40; i++) {
    sprintf(path, "tree/%c%d", i % 2 ? 'a' : 'b', i);
    put_file(path, "x");
  }
  symlink("a1", "tree/link");
  T(nftw("tree", visit, 10, FTW_PHYS | FTW_DEPTH));
  printf("visited %d\n", visited);
  T(count = scandir("tree", &list, only_b, alphasort));
  printf("%s %s\n", list[0]->d_name, list[count - 1]->d_name);
  T(glob("tree/a[1-5]", 0, NULL, &found));
  printf("%d %s\n", (int)found.gl_pathc, found.gl_pathv[0]);
  globfree(&found);
  T(glob("tree/none*", 0, NULL, &found));
  directory = fdopendir(open("tree", O_RDONLY | O_DIRECTORY));
  for (count = 0; readdir(directory) != NULL; count++)
    ;
  printf("all: %d\n", count);
  /* Whatever is removed while a directory is read, the rest is read once. */
  rewinddir(directory);
  count = 0;
  while ((entry = readdir(directory)) != NULL)
    if (entry->d_name[0] == 'a' || entry->d_name[0] == 'b') {
      sprintf(path, "tree/%s", entry->d_name);
      count += unlink(path) == 0;
    }
  printf("removed %d\n", count);
  closedir(directory);
  SAY(fdopendir(open("tree/link", O_RDONLY)) == NULL);
  T(unlink("tree/link"));
  T(rmdir("tree/inner"));
  T(rmdir("tree"));
}

static void temporary(void)
{
  char file[] = "temporary-XXXXXX", folder[] = "folder-XXXXXX", text[20];
  struct stat status;
  FILE *stream;
  int number;
  OK(number = mkstemp(file));
  T(fstat(number, &status));
  printf("%o\n", status.st_mode);
  T(unlink(file));
  close(number);
  SAY(mkdtemp(folder) != NULL);
  T(stat(folder, &status));
  printf("%o\n", status.st_mode);
  rmdir(folder);
  stream = tmpfile();
  SAY(stream != NULL);
  fprintf(stream, "in a file without a name");
  rewind(stream);
  SAY(fgets(text, 20, stream) != NULL);
  puts(text);
  fclose(stream);
}

static void sizes(void)
{
  struct statvfs file_system;
  struct stat status;
  struct timeval old[2] = {{1000, 7}, {2000, 9}};
  struct timespec times[2] = {{3000, 5}, {0, UTIME_OMIT}};
  int file = open("sized", O_RDWR | O_CREAT, 0644);
  T(posix_fallocate(file, 0, 10000));
  T(fstat(file, &status));
  printf("%d\n", (int)status.st_size);
  T(posix_fallocate(file, 0, 0) == EINVAL);
  T(posix_fallocate(77, 0, 10) == EBADF);
  T(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED));
  T(lockf(file, F_LOCK, 10));
  T(lockf(file, F_TEST, 10));
  T(lockf(file, F_ULOCK, 0));
  T(statvfs(".", &file_system));
  SAY(file_system.f_bsize >= 512 && file_system.f_frsize >= 512 && file_system.f_namemax == 255);
  SAY(file_system.f_blocks >= file_system.f_bfree && file_system.f_bfree >= file_system.f_bavail);
  T(fstatvfs(file, &file_system));
  T(statvfs("none", &file_system));
  T(pathconf(".", _PC_NAME_MAX));
  T(pathconf(".", _PC_PIPE_BUF));
  T(fpathconf(file, _PC_NO_TRUNC));
  T(pathconf("none", _PC_NAME_MAX));
  symlink("sized", "to sized");
  T(lutimes("to sized", old));
  T(lstat("to sized", &status));
  printf("%d %d\n", (int)status.st_atime, (int)status.st_mtime);
  T(utimes("to sized", old));
  T(futimens(file, times));
  T(stat("sized", &status));
  printf("%d %d\n", (int)status.st_atime, (int)status.st_mtime);
  close(file);
  T(sysconf(_SC_PAGESIZE));
  SAY(sysconf(_SC_NPROCESSORS_ONLN) >= 1 && sysconf(_SC_PHYS_PAGES) > 0);
  SAY(sysconf(_SC_OPEN_MAX) > 0 && sysconf(_SC_ARG_MAX) > 4096);
}

/* The program itself, by way of the emulator where there is one. */
static int spawn(pid_t *child, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                 const char *file, const char *word)
{
  char *emulator = getenv("EMULATOR");
  char *direct[] = {"library", (char *)word, NULL};
  char *by_way[] = {emulator, "-0", "library", (char *)file, (char *)word, NULL};
  fflush(stdout);
  if (emulator != NULL && file == program)
    return posix_spawn(child, emulator, actions, attributes, by_way, environ);
  return posix_spawn(child, file, actions, attributes, direct, environ);
}

static void spawning(void)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t set;
  char text[40] = "";
  int ends[2];
  pid_t child;
  spawn(&child, NULL, NULL, program, "plain");
  reap("plain", child);
  N("not there", spawn(&child, NULL, NULL, "./none", "x") == ENOENT);
  pipe(ends);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  posix_spawnattr_setsigmask(&attributes, &set);
  posix_spawnattr_setsigdefault(&attributes, &set);
  signal(SIGUSR1, SIG_IGN);
  N("spawned", spawn(&child, &actions, &attributes, program, "group"));
  close(ends[1]);
  for (int done = 0, now; (now = read(ends[0], text + done, 39 - done)) > 0;)
    done += now;
  printf("%s", text);
  reap("group", child);
  signal(SIGUSR1, SIG_DFL);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
}

static int spawned(const char *word)
{
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  printf("%s: leads %d, blocked %d\n", word, getpgrp() == getpid(), sigismember(&set, SIGUSR1));
  return 3;
}

int main(int argc, char **argv)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc > 1)
    return spawned(argv[1]);
  if (realpath(argv[0], program) == NULL)
    puts("no path");
  begin("library-run");
  memory();
  semaphores();
  walks();
  temporary();
  sizes();
  spawning();
  return 0;
}
