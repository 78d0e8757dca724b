/* Files: opening, reading, writing, positions, sizes, attributes, names and links. */
#include "transcript.h"
#include <sys/syscall.h>
#include <sys/uio.h>

static char text[64];

static void show(const char *path)
{
  struct stat status;
  if (lstat(path, &status) == -1)
    printf("%s: %s\n", path, strerrorname_np(errno));
  else
    printf("%s: mode %o, links %d, size %lld\n", path, status.st_mode, S_ISDIR(status.st_mode) ? 0 : (int)status.st_nlink,
           S_ISDIR(status.st_mode) ? 0LL : (long long)status.st_size);
}

static const char *content(const char *path)
{
  int file = open(path, O_RDONLY);
  ssize_t count = read(file, text, sizeof text - 1);
  text[count < 0 ? 0 : count] = 0;
  close(file);
  return text;
}

static void opening(void)
{
  int file;
  T(open("none", O_RDONLY));
  OK(file = open("new", O_WRONLY | O_CREAT | O_EXCL, 0640));
  T(write(file, "hello world", 11));
  T(read(file, text, 5));
  T(close(file));
  T(close(file));
  show("new");
  T(open("new", O_WRONLY | O_CREAT | O_EXCL, 0640));
  OK(file = open("new", O_RDONLY));
  T(write(file, "x", 1));
  T(read(file, text, 5));
  T(lseek(file, -3, SEEK_END));
  T(read(file, text, 50));
  T(read(file, text, 50));
  close(file);
  OK(file = open("new", O_WRONLY | O_APPEND));
  T(lseek(file, 0, SEEK_SET));
  T(write(file, "!", 1));
  T(lseek(file, 0, SEEK_CUR));
  close(file);
  printf("'%s'\n", content("new"));
  OK(file = open("new", O_RDWR | O_TRUNC));
  close(file);
  show("new");
  T(open("new", O_RDONLY | O_DIRECTORY));
  T(open("new/x", O_RDONLY));
  T(open("new/", O_RDONLY));
  T(open(".", O_WRONLY));
  T(open("", O_RDONLY));
  T(open("no/where", O_CREAT | O_WRONLY, 0644));
  T(open("made/", O_CREAT | O_WRONLY, 0644));
  OK(file = creat("created", 0604));
  close(file);
  show("created");
  umask(0);
  close(creat("open mode", 0777));
  show("open mode");
  umask(077);
  close(creat("closed mode", 0777));
  show("closed mode");
  T(umask(022));
}

static void positions(void)
{
  int file = open("positions", O_RDWR | O_CREAT, 0644);
  T(pwrite(file, "abcdef", 6, 4));
  T(lseek(file, 0, SEEK_CUR));
  T(pread(file, text, 3, 5));
  printf("%.3s\n", text);
  T(lseek(file, 0, SEEK_END));
  T(lseek(file, 100000, SEEK_SET));
  T(read(file, text, 1));
  T(write(file, "z", 1));
  show("positions");
  T(pread(file, text, 4, 99997));
  printf("%d %d %d %c\n", text[0], text[1], text[2], text[3]);
  T(lseek(file, -1, SEEK_SET));
  T(lseek(file, 0, 99));
  T(pread(file, text, 1, -1));
  T(pwrite(file, text, 1, -1));
  T(ftruncate(file, 6));
  show("positions");
  T(ftruncate(file, 12));
  T(pread(file, text, 20, 0));
  for (int i = 0; i < 12; i++)
    printf("%d ", text[i]);
  puts("");
  T(ftruncate(file, -1));
  T(truncate("positions", 3));
  T(truncate("none", 3));
  T(truncate(".", 3));
  show("positions");
  T(fsync(file));
  T(fdatasync(file));
  close(file);
  file = open("positions", O_RDONLY);
  T(ftruncate(file, 1));
  close(file);
  T(lseek(file, 0, SEEK_SET));
}

static void vectors(void)
{
  char one[4] = "", two[8] = "", three[8] = "";
  struct iovec out[3] = {{"one,", 4}, {"", 0}, {"two and three", 13}};
  struct iovec in[3] = {{one, 3}, {two, 5}, {three, 7}};
  int file = open("vectors", O_RDWR | O_CREAT, 0644);
  T(writev(file, out, 3));
  T(lseek(file, 0, SEEK_SET));
  T(readv(file, in, 3));
  printf("'%s' '%s' '%s'\n", one, two, three);
  T(preadv(file, in, 2, 4));
  printf("'%s' '%s'\n", one, two);
  T(readv(file, in, -1));
  T(readv(file, in, 1025));
  in[0].iov_len = -1;
  T(readv(file, in, 1));
  close(file);
}

static void attributes(void)
{
  struct timespec times[2] = {{1000, 500}, {2000, 7}};
  struct stat status, again;
  struct statx extended;
  put_file("a", "12345");
  show("a");
  T(chmod("a", 0407));
  show("a");
  T(chmod("a", 04755));
  show("a");
  T(chmod("none", 0));
  int file = open("a", O_RDONLY);
  T(fchmod(file, 0600));
  T(fstat(file, &status));
  printf("%o %lld\n", status.st_mode, (long long)status.st_size);
  T(stat("a", &again));
  SAY(status.st_ino == again.st_ino && status.st_dev == again.st_dev);
  SAY(status.st_blocks > 0 && status.st_blksize > 0);
  T(fstat(99, &status));
  close(file);
  T(utimensat(AT_FDCWD, "a", times, 0));
  stat("a", &status);
  printf("%ld %ld %ld %d\n", (long)status.st_atime, (long)status.st_mtime, status.st_atim.tv_nsec / 1000, (int)(status.st_ctime > 3000));
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_nsec = UTIME_NOW;
  T(utimensat(AT_FDCWD, "a", times, 0));
  stat("a", &status);
  printf("%ld %d\n", (long)status.st_atime, (int)(status.st_mtime > 3000));
  times[0].tv_nsec = 1000000000;
  T(utimensat(AT_FDCWD, "a", times, 0));
  T(statx(AT_FDCWD, "a", 0, STATX_BASIC_STATS, &extended));
  printf("%o %lld %d %d\n", extended.stx_mode, (long long)extended.stx_size, (int)extended.stx_nlink, (extended.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
  T(statx(AT_FDCWD, "", 0, STATX_BASIC_STATS, &extended));
  T(access("a", F_OK));
  T(access("a", R_OK | W_OK));
  T(access("a", 8));
  T(access("none", F_OK));
  T(faccessat(AT_FDCWD, "a", R_OK, AT_EACCESS));
}

static void links(void)
{
  struct stat one, two;
  ssize_t count;
  put_file("first", "content");
  T(link("first", "second"));
  show("first");
  stat("first", &one);
  stat("second", &two);
  SAY(one.st_ino == two.st_ino);
  T(link("first", "second"));
  T(link("none", "third"));
  T(link(".", "third"));
  T(unlink("first"));
  show("second");
  T(unlink("first"));
  int file = open("second", O_RDWR);
  T(unlink("second"));
  show("second");
  fstat(file, &one);
  printf("%d\n", (int)one.st_nlink);
  T(read(file, text, 7));
  close(file);
  put_file("target", "of link");
  T(symlink("target", "link"));
  show("link");
  printf("'%s'\n", content("link"));
  T(count = readlink("link", text, sizeof text));
  printf("'%.*s'\n", (int)count, text);
  T(readlink("link", text, 3));
  T(readlink("target", text, 3));
  T(readlink("link", text, 0));
  T(symlink("x", "link"));
  T(symlink("", "empty"));
  T(symlink("loop2", "loop1"));
  T(symlink("loop1", "loop2"));
  T(open("loop1", O_RDONLY));
  T(open("link", O_RDONLY | O_NOFOLLOW));
  T(open("link", O_WRONLY | O_CREAT | O_EXCL, 0644));
  T(symlink("nowhere", "dangling"));
  T(open("dangling", O_RDONLY));
  OK(file = open("dangling", O_WRONLY | O_CREAT, 0644));
  close(file);
  show("nowhere");
  T(unlink("link"));
  show("target");
  mkdir("d", 0755);
  T(symlink("d", "dlink"));
  T(unlink("dlink/"));
  T(rmdir("dlink"));
  T(unlink("dlink"));
}

static void renames(void)
{
  put_file("r1", "one");
  put_file("r2", "two");
  T(rename("r1", "r2"));
  printf("'%s'\n", content("r2"));
  show("r1");
  T(rename("r1", "r3"));
  T(rename("r2", "r2"));
  mkdir("rd", 0755);
  mkdir("rd/inner", 0755);
  mkdir("re", 0755);
  T(rename("r2", "rd"));
  T(rename("rd", "r2"));
  T(rename("rd", "rd/inner/x"));
  T(rename("re", "rd"));
  T(rename("rd", "re"));
  show("re/inner");
  T(rename("r2", "re/r2"));
  show("re/r2");
  T(rename(".", "x"));
  T(rename("re/..", "x"));
  put_file("x1", "x");
  T(link("x1", "x2"));
  T(rename("x1", "x2"));
  show("x1");
  T(renameat2(AT_FDCWD, "x1", AT_FDCWD, "x2", RENAME_NOREPLACE));
}

static void names(void)
{
  static char name[5000];
  int file;
  memset(name, 'n', 255);
  OK(file = open(name, O_CREAT | O_WRONLY, 0644));
  close(file);
  T(unlink(name));
  name[255] = 'n';
  T(open(name, O_CREAT | O_WRONLY, 0644));
  T(mkdir(name, 0755));
  T(unlink(name));
  memset(name, 'n', 4999);
  for (int i = 1; i < 4999; i += 2)
    name[i] = '/';
  T(open(name, O_RDONLY));
  OK(file = open(".//./a//.", O_RDONLY));
  OK(file = open(".//././/a", O_RDONLY));
  close(file);
  OK(file = open("\xff\x01 odd", O_CREAT | O_WRONLY, 0644));
  close(file);
  T(unlink("\xff\x01 odd"));
}

static void large(void)
{
  static char block[8192], check[8192];
  unsigned sum = 0, expected = 0;
  int file = open("large", O_RDWR | O_CREAT, 0644);
  for (int i = 0; i < 40; i++) {
    memset(block, i + 1, sizeof block);
    if (write(file, block, sizeof block) != sizeof block)
      printf("write: %s\n", strerrorname_np(errno));
    expected += (i + 1) * 8192;
  }
  lseek(file, 0, SEEK_SET);
  for (ssize_t count; (count = read(file, check, 5000)) > 0;)
    for (int i = 0; i < count; i++)
      sum += (unsigned char)check[i];
  SAY(sum == expected);
  show("large");
  close(file);
  T(unlink("large"));
}

int main(void)
{
  begin("files");
  opening();
  positions();
  vectors();
  attributes();
  links();
  renames();
  names();
  large();
  return 0;
}
