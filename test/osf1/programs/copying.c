/* From file to file by the system alone: sendfile, copy_file_range; and transfers with flags. */
#include "transcript.h"
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static void *const wild = (void *)0xfffffff0ul;

static void show(const char *path)
{
  char text[100] = "";
  int file = open(path, O_RDONLY);
  long length = read(file, text, 99);
  close(file);
  printf("%s: %ld %s\n", path, length, text);
}

static long where(int file)
{
  return lseek(file, 0, SEEK_CUR);
}

static void sending(void)
{
  int from, to, ends[2], appending, reading;
  off_t offset = 4;
  char text[20] = "";
  put_file("from", "0123456789");
  put_file("to", "");
  from = open("from", O_RDONLY);
  to = open("to", O_RDWR);
  T(sendfile(to, from, NULL, 4));
  T(where(from));
  T(where(to));
  T(sendfile(to, from, &offset, 3));
  SAY(offset == 7);
  T(where(from));
  show("to");
  T(sendfile(to, from, NULL, 100));
  T(sendfile(to, from, NULL, 100));
  T(sendfile(to, from, NULL, 0));
  show("to");
  offset = 100;
  T(sendfile(to, from, &offset, 10));
  SAY(offset == 100);
  offset = -1;
  T(sendfile(to, from, &offset, 10));
  pipe(ends);
  offset = 2;
  T(sendfile(ends[1], from, &offset, 5));
  T(read(ends[0], text, 19));
  puts(text);
  T(sendfile(to, ends[0], NULL, 5));
  T(sendfile(to, ends[0], &offset, 5));
  T(sendfile(from, to, NULL, 5));
  T(sendfile(77, from, NULL, 5));
  T(sendfile(to, 77, NULL, 5));
  appending = open("to", O_WRONLY | O_APPEND);
  T(sendfile(appending, from, &offset, 5));
  reading = open(".", O_RDONLY);
  T(sendfile(to, reading, NULL, 5));
  T(syscall(SYS_sendfile64, to, from, wild, 5));
  T(syscall(SYS_sendfile, to, from, wild, 5));
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  offset = 0;
  T(sendfile(ends[1], from, &offset, 5));
  close(ends[1]);
  close(from);
  close(to);
  close(appending);
  close(reading);
}

/* More than fits into a pipe, or a block. */
static void much(void)
{
  static char block[30000], back[30000];
  int file = open("much", O_RDWR | O_CREAT, 0644), ends[2], done = 0;
  pid_t child;
  for (int i = 0; i < (int)sizeof block; i++)
    block[i] = i * 7 + i / 251;
  write(file, block, sizeof block);
  lseek(file, 1, SEEK_SET);
  pipe(ends);
  if (CHILD(child)) {
    close(ends[0]);
    T(sendfile(ends[1], file, NULL, sizeof block));
    leave(0);
  }
  close(ends[1]);
  for (long count; (count = read(ends[0], back + done, sizeof back - done)) > 0;)
    done += count;
  reap("sender", child);
  SAY(done == sizeof block - 1 && memcmp(back, block + 1, done) == 0);
  T(where(file) == sizeof block);
  close(ends[0]);
  close(file);
}

static void ranges(void)
{
  int from, to, appending;
  off64_t in = 2, out = 5;
  put_file("from", "0123456789");
  put_file("to", "abcdefghij");
  from = open("from", O_RDWR);
  to = open("to", O_RDWR);
  T(copy_file_range(from, &in, to, &out, 3, 0));
  SAY(in == 5 && out == 8);
  show("to");
  T(copy_file_range(from, NULL, to, NULL, 2, 0));
  T(where(from));
  T(where(to));
  show("to");
  in = 8;
  T(copy_file_range(from, &in, to, NULL, 100, 0));
  T(copy_file_range(from, &in, to, NULL, 100, 0));
  T(copy_file_range(from, NULL, to, NULL, 1, 77));
  in = 0;
  out = 2;
  T(copy_file_range(from, &in, from, &out, 5, 0));
  out = 5;
  T(copy_file_range(from, &in, from, &out, 5, 0));
  show("from");
  appending = open("to", O_WRONLY | O_APPEND);
  T(copy_file_range(from, NULL, appending, NULL, 1, 0));
  T(copy_file_range(appending, NULL, to, NULL, 1, 0));
  T(copy_file_range(77, NULL, to, NULL, 1, 0));
  T(copy_file_range(from, NULL, 77, NULL, 1, 0));
  T(syscall(SYS_copy_file_range, from, wild, to, NULL, 1, 0));
  close(from);
  close(to);
  close(appending);
}

static void vectors(void)
{
  char a[4] = "", b[8] = "";
  struct iovec pieces[2] = {{a, 3}, {b, 7}};
  int file;
  put_file("from", "0123456789");
  file = open("from", O_RDWR);
  lseek(file, 1, SEEK_SET);
  T(preadv2(file, pieces, 2, -1, 0));
  T(where(file));
  puts(a);
  puts(b);
  T(preadv2(file, pieces, 2, 4, 0));
  T(where(file));
  T(pwritev2(file, pieces, 1, 0, 0));
  show("from");
  T(preadv2(file, pieces, 2, 0, 0x4000));
  T(preadv2(file, pieces, 2, -2, 0));
  T(preadv(file, pieces, 2, -1));
  T(preadv2(file, wild, 1, 0, 0));
  T(pwritev2(77, pieces, 1, 0, 0));
  close(file);
}

int main(void)
{
  begin("copying");
  sending();
  much();
  ranges();
  vectors();
  return 0;
}
