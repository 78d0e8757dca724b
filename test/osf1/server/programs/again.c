/* A copy of this program is executed again and again, changed, cut and unlinked; what the kernel keeps of it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

static char bytes[8192];

static void copy(const char *to) {
  int from = open("/program", O_RDONLY), into = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755), count;
  while ((count = read(from, bytes, sizeof bytes)) > 0)
    if (write(into, bytes, count) != count) puts("copy failed");
  close(from);
  close(into);
}

static void execute(const char *what, const char *program) {
  char *const arguments[] = {(char *)program, "child", NULL};
  int status = -1;
  if (vfork() == 0) {
    execv(program, arguments);
    _exit(1);
  }
  wait(&status);
  printf("%s: %d\n", what, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static unsigned long space(void) {
  struct statvfs status;
  return statvfs("/", &status) ? 0 : status.f_bfree;
}

int main(int argc, char **argv) {
  unsigned long before, during;
  int file;
  if (argc > 1) return 7;
  setvbuf(stdout, NULL, _IOLBF, 0);
  before = space();
  copy("/copy");
  during = space();
  execute("first", "/copy");
  execute("second", "/copy");
  execute("third", "/copy");
  file = open("/copy", O_RDWR);
  pread(file, bytes, 1, 100);
  pwrite(file, bytes, 1, 100);
  close(file);
  execute("changed", "/copy");
  execute("again", "/copy");
  copy("/other");
  rename("/other", "/copy");
  printf("renamed: %d\n", space() == during);
  execute("another", "/copy");
  execute("another again", "/copy");
  unlink("/copy");
  printf("unlinked: %d\n", space() == before);
  return 0;
}
