/* Directories: making, listing, removing; the working directory; calls relative to a descriptor. */
#define _FILE_OFFSET_BITS 64
#include "transcript.h"
#include <dirent.h>
#include <sys/syscall.h>

static int compare(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
  char *names[400];
  int count = 0;
  DIR *directory = opendir(path);
  if (directory == NULL) {
    printf("list %s: %s\n", path, strerrorname_np(errno));
    return;
  }
  for (struct dirent *entry; (entry = readdir(directory)) != NULL; count++)
    names[count] = strdup(entry->d_name);
  closedir(directory);
  qsort(names, count, sizeof *names, compare);
  printf("list %s: %d:", path, count);
  for (int i = 0; i < count; i++) {
    if (count < 20)
      printf(" %s", names[i]);
    free(names[i]);
  }
  puts("");
}

static const char *here(void)
{
  static char path[4096];
  if (getcwd(path, sizeof path) == NULL)
    return strerrorname_np(errno);
  char *found = strstr(path, "directories");
  return found ? found : path;
}

static void making(void)
{
  struct stat status;
  T(mkdir("one", 0755));
  T(mkdir("one", 0755));
  T(mkdir("one/two", 0700));
  T(mkdir("none/two", 0700));
  T(mkdir("slash/", 0777));
  T(mkdir("", 0777));
  T(mkdir("/", 0777));
  T(mkdir(".", 0777));
  stat("slash", &status);
  printf("%o\n", status.st_mode);
  put_file("file", "x");
  T(mkdir("file", 0755));
  T(mkdir("file/x", 0755));
  list(".");
  list("one");
  list("file");
  list("none");
  T(rmdir("one"));
  T(rmdir("none"));
  T(rmdir("file"));
  T(rmdir("one/."));
  T(rmdir("one/two/.."));
  T(unlink("one"));
  T(rmdir("one/two"));
  T(rmdir("one"));
  T(rmdir("slash/"));
  list(".");
}

static void working(void)
{
  char small[4];
  mkdir("w", 0755);
  mkdir("w/x", 0755);
  puts(here());
  T(chdir("w/x"));
  puts(here());
  T(chdir(".."));
  puts(here());
  T(chdir("none"));
  T(chdir("../file"));
  T(chdir(""));
  int directory = open("x", O_RDONLY | O_DIRECTORY);
  T(fchdir(directory));
  puts(here());
  T(fchdir(99));
  int file = open("../../file", O_RDONLY);
  T(fchdir(file));
  SAY(getcwd(small, sizeof small) == NULL);
  printf("%s\n", strerrorname_np(errno));
  T(rmdir("../x"));
  SAY(getcwd(NULL, 0) == NULL);
  printf("%s\n", strerrorname_np(errno));
  T(open("new", O_CREAT | O_WRONLY, 0644));
  T(mkdir("new", 0755));
  T(chdir(".."));
  T(chdir(".."));
  puts(here());
  close(directory);
  close(file);
}

static void relative(void)
{
  struct stat status;
  char text[16];
  int directory, file;
  mkdir("base", 0755);
  directory = open("base", O_RDONLY | O_DIRECTORY);
  OK(file = openat(directory, "inner", O_CREAT | O_RDWR, 0644));
  T(mkdirat(directory, "sub", 0755));
  T(symlinkat("inner", directory, "link"));
  T(linkat(directory, "inner", directory, "hard", 0));
  T(linkat(directory, "link", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
  T(linkat(directory, "link", AT_FDCWD, "unfollowed", 0));
  T(mkfifoat(directory, "fifo", 0600));
  list("base");
  T(fstatat(directory, "link", &status, AT_SYMLINK_NOFOLLOW));
  printf("%o\n", status.st_mode & S_IFMT);
  T(fstatat(directory, "link", &status, 0));
  printf("%o %d\n", status.st_mode & S_IFMT, (int)status.st_nlink);
  T(fstatat(directory, "fifo", &status, 0));
  printf("%o\n", status.st_mode);
  T(fstatat(file, "", &status, AT_EMPTY_PATH));
  T(readlinkat(directory, "link", text, sizeof text));
  T(fchmodat(directory, "inner", 0600, 0));
  T(faccessat(directory, "inner", W_OK, 0));
  T(renameat(directory, "hard", AT_FDCWD, "moved"));
  T(unlinkat(directory, "sub", 0));
  T(unlinkat(directory, "sub", AT_REMOVEDIR));
  T(unlinkat(directory, "inner", AT_REMOVEDIR));
  T(unlinkat(directory, "inner", 0));
  T(openat(99, "inner", O_RDONLY));
  T(openat(file, "inner", O_RDONLY));
  T(openat(directory, "sub", O_RDONLY));
  list("base");
  close(directory);
  T(openat(directory, "x", O_RDONLY));
  close(file);
}

static void many(void)
{
  char name[32];
  mkdir("many", 0755);
  for (int i = 0; i < 300; i++) {
    sprintf(name, "many/name of file %d", i * 7919 % 300);
    close(creat(name, 0644));
  }
  list("many");
  DIR *directory = opendir("many");
  for (int i = 0; i < 100; i++)
    readdir(directory);
  rewinddir(directory);
  int count = 0;
  while (readdir(directory))
    count++;
  printf("%d\n", count);
  closedir(directory);
  for (int i = 0; i < 300; i += 2) {
    sprintf(name, "many/name of file %d", i);
    unlink(name);
  }
  list("many");
  T(rmdir("many"));
}

static void raw(void)
{
  char buffer[1024];
  int directory = open("base", O_RDONLY), file = open("file", O_RDONLY);
  T(syscall(SYS_getdents64, directory, buffer, 10));
  OK(syscall(SYS_getdents64, directory, buffer, sizeof buffer));
  T(syscall(SYS_getdents64, directory, buffer, sizeof buffer));
  T(syscall(SYS_getdents64, file, buffer, sizeof buffer));
  T(syscall(SYS_getdents64, 99, buffer, sizeof buffer));
  T(write(directory, buffer, 10));
  close(directory);
  close(file);
}

static void deep(void)
{
  int depth = 0;
  while (depth < 20 && mkdir("deep", 0755) == 0 && chdir("deep") == 0)
    depth++;
  printf("depth %d, %d\n", depth, (int)strlen(here()));
  while (depth-- > 0) {
    chdir("..");
    rmdir("deep");
  }
  puts(here());
}

int main(void)
{
  begin("directories");
  making();
  working();
  relative();
  many();
  raw();
  deep();
  return 0;
}
