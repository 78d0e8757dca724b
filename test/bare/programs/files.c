/* Reading files: streams, descriptors, positions, what stat says, every way to be refused. */
#define _FILE_OFFSET_BITS 64
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRY(call) (errno = 0, printf("%s: %d %d\n", #call, (int)(call), errno))

static int by_name(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *path)
{
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, by_name);
  printf("%s:", path);
  for (int i = 0; i < count; i++)
    printf(" %s/%d", entries[i]->d_name, entries[i]->d_type);
  printf("\n");
}

static void show(const char *path)
{
  struct stat s;
  if (lstat(path, &s) != 0)
    printf("%s: %d\n", path, errno);
  else
    printf("%s: %o %lld %d\n", path, s.st_mode & ~022,
           S_ISREG(s.st_mode) ? (long long)s.st_size : 0, S_ISREG(s.st_mode) ? (int)s.st_nlink : 0);
}

int main(void)
{
  char line[100], buffer[5000];
  struct stat s;
  int n = 0, fd;
  FILE *f = fopen("text", "r");

  while (fgets(line, sizeof line, f))
    printf("%d: %s", ++n, line);
  printf("%ld %d\n", ftell(f), feof(f));
  fseek(f, 4, SEEK_SET);
  printf("%d %d\n", getc(f), ungetc('x', f));
  printf("%d %d\n", getc(f), fseek(f, -1, SEEK_SET));
  fclose(f);

  fd = open("numbers", O_RDONLY);
  fstat(fd, &s);
  printf("%lld %d\n", (long long)s.st_size, S_ISREG(s.st_mode));
  TRY(read(fd, buffer, 10));
  TRY(lseek(fd, -3, SEEK_END));
  TRY(read(fd, buffer, 10));
  TRY(pread(fd, buffer, 7, 100));
  printf("%.7s\n", buffer);
  TRY(lseek(fd, 0, SEEK_CUR));
  TRY(lseek(fd, 100000, SEEK_SET));
  TRY(read(fd, buffer, 10));
  TRY(lseek(fd, -1, SEEK_SET));
  TRY(lseek(fd, 0, 77));
  TRY(lseek64(fd, 0x200000000LL, SEEK_SET) == 0x200000000LL);
  lseek(fd, 0, SEEK_SET);
  struct iovec parts[3] = {{line, 3}, {NULL, 0}, {line + 50, 4}};
  TRY(readv(fd, parts, 3));
  printf("%.3s %.4s\n", line, line + 50);
  TRY(write(fd, "x", 1));
  TRY(read(fd, (void *)16, 1));
  int copy = dup(fd);
  TRY(lseek(copy, 0, SEEK_CUR));
  TRY(fcntl(copy, F_GETFD));
  TRY(fcntl(copy, F_SETFD, FD_CLOEXEC));
  TRY(fcntl(copy, F_GETFD));
  TRY(fcntl(copy, F_GETFL) & O_ACCMODE);
  TRY(dup2(fd, 20));
  TRY(close(20));
  TRY(close(20));
  TRY(fcntl(fd, F_DUPFD, 30));
  TRY(isatty(fd));
  close(fd);

  list(".");
  list("folder");
  show("text");
  show("folder");
  show("link");
  show("folder/inner");
  show("nothing");
  show("text/inner");
  show("");
  show("folder/../text");
  show("./folder/./inner");
  TRY(stat("link", &s));
  printf("%lld\n", (long long)s.st_size);
  n = readlink("link", buffer, sizeof buffer);
  printf("%.*s\n", n, buffer);
  TRY(readlink("text", buffer, sizeof buffer));
  TRY(readlink("link", buffer, 2));
  TRY(stat("loop", &s));
  TRY(stat("dangling", &s));
  TRY(lstat("dangling", &s));
  TRY(open("nothing", O_RDONLY));
  TRY(open("folder", O_RDWR));
  TRY(open("text", O_RDONLY | O_DIRECTORY));
  TRY(open("link", O_RDONLY | O_NOFOLLOW));
  TRY(open("text", O_RDONLY | O_CREAT | O_EXCL, 0600));
  TRY(open("nothing/file", O_RDWR | O_CREAT, 0600));
  TRY(open((char *)16, O_RDONLY));
  TRY(access("text", R_OK));
  TRY(access("text", X_OK));
  TRY(access("nothing", F_OK));
  memset(buffer, 'a', sizeof buffer);
  buffer[300] = 0;
  TRY(open(buffer, O_RDONLY));
  buffer[300] = 'a';
  buffer[sizeof buffer - 1] = 0;
  TRY(open(buffer, O_RDONLY));

  fd = open("folder", O_RDONLY | O_DIRECTORY);
  TRY(read(fd, buffer, 10));
  int inner = openat(fd, "inner", O_RDONLY);
  TRY(read(inner, buffer, 5));
  printf("%.5s\n", buffer);
  TRY(faccessat(fd, "inner", R_OK, 0));
  TRY(fstatat(fd, "../text", &s, 0));
  TRY(openat(inner, "x", O_RDONLY));
  TRY(openat(77, "x", O_RDONLY));
  TRY(fchdir(fd));
  TRY(access("inner", R_OK));
  TRY(chdir("inner"));
  TRY(chdir("../nothing"));
  TRY(chdir(".."));
  TRY(access("text", R_OK));
  char *directory = getcwd(NULL, 0);
  TRY(directory != NULL);
  TRY(getcwd(buffer, 1) != NULL);
  DIR *d = opendir("folder");
  for (n = 0; readdir(d); n++)
    ;
  rewinddir(d);
  printf("%d %d\n", n, readdir(d) != NULL);
  closedir(d);
  int null = open("/dev/null", O_RDWR);
  TRY(write(null, buffer, 100));
  TRY(read(null, buffer, 100));
  return 0;
}
