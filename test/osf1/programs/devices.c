/* /dev, /proc/self and terminal calls on what is no terminal. */
#include "transcript.h"
#include <dirent.h>
#include <sys/ioctl.h>
#include <termios.h>

static void device(const char *path)
{
  char text[8] = "unfilled";
  struct stat status;
  int file = open(path, O_RDWR), different = 0;
  printf("%s: %s\n", path, file < 0 ? strerrorname_np(errno) : "open");
  T(fstat(file, &status));
  printf("type %o, %d:%d\n", status.st_mode & S_IFMT, (int)(status.st_rdev >> 8), (int)(status.st_rdev & 255));
  T(write(file, "text", 4));
  T(read(file, text, 8));
  for (int i = 0; i < 8; i++)
    different += text[i] != 0;
  if (strcmp(path, "/dev/null") != 0 && strstr(path, "random") == NULL)
    printf("not zero: %d\n", different);
  T(read(file, text, 0));
  T(ftruncate(file, 0));
  SAY(isatty(file) == 0);
  close(file);
}

static void devices(void)
{
  unsigned char one[16], two[16];
  int file = open("/dev/urandom", O_RDONLY), target;
  device("/dev/null");
  device("/dev/zero");
  device("/dev/urandom");
  T(read(file, one, 16));
  T(read(file, two, 16));
  SAY(memcmp(one, two, 16) != 0);
  close(file);
  put_file("copy", "text");
  file = open("copy", O_WRONLY | O_TRUNC);
  target = dup(1);
  fflush(stdout);
  dup2(open("/dev/null", O_WRONLY), 1);
  puts("nobody reads this");
  fflush(stdout);
  dup2(target, 1);
  puts("back");
  T(unlink("/dev/nothing"));
  T(open("/dev/nothing", O_RDONLY));
  T(access("/dev/null", R_OK | W_OK));
  close(file);
}

static void no_terminal(void)
{
  struct termios termios;
  struct winsize size;
  int value, file = open("copy", O_RDWR), ends[2], null = open("/dev/null", O_RDWR);
  pid_t child;
  pipe(ends);
  T(tcgetattr(file, &termios));
  T(tcgetattr(ends[0], &termios));
  T(tcgetattr(null, &termios));
  T(tcsetattr(file, TCSANOW, &termios));
  T(ioctl(file, TIOCGWINSZ, &size));
  T(ioctl(file, TIOCSWINSZ, &size));
  T(tcgetpgrp(file));
  T(tcsetpgrp(file, getpgrp()));
  T(tcgetsid(file));
  T(tcflush(file, TCIFLUSH));
  T(tcdrain(file));
  T(ioctl(file, TIOCSCTTY, 0));
  T(ioctl(99, TIOCGWINSZ, &size));
  T(isatty(99));
  T(isatty(file));
  T(ioctl(file, FIONREAD, &value));
  T(ioctl(file, FIOCLEX));
  T(fcntl(file, F_GETFD));
  T(ioctl(file, FIONCLEX));
  T(fcntl(file, F_GETFD));
  value = 1;
  T(ioctl(ends[0], FIONBIO, &value));
  T(read(ends[0], &value, 1));
  if (CHILD(child)) {
    setsid();
    T(open("/dev/tty", O_RDWR));
    leave(0);
  }
  reap("no terminal", child);
}

static void self(const char *name)
{
  char path[4096], expected[4096], text[4096] = "";
  int file, count, found = 0;
  struct stat status;
  DIR *directory;
  count = readlink("/proc/self/exe", path, sizeof path - 1);
  path[count < 0 ? 0 : count] = 0;
  SAY(strcmp(strrchr(path, '/') + 1, strrchr(name, '/') ? strrchr(name, '/') + 1 : name) == 0);
  getcwd(expected, sizeof expected);
  count = readlink("/proc/self/cwd", path, sizeof path - 1);
  path[count < 0 ? 0 : count] = 0;
  SAY(strcmp(path, expected) == 0);
  file = open("copy", O_RDONLY);
  sprintf(text, "/proc/self/fd/%d", file);
  count = readlink(text, path, sizeof path - 1);
  path[count < 0 ? 0 : count] = 0;
  strcat(expected, "/copy");
  SAY(strcmp(path, expected) == 0);
  T(access(text, F_OK));
  close(file);
  T(access(text, F_OK));
  file = open("/proc/self/cmdline", O_RDONLY);
  count = read(file, text, sizeof text - 1);
  text[count < 0 ? 0 : count] = 0;
  SAY(count > 0 && strcmp(strrchr(text, '/') + 1, "devices") == 0);
  close(file);
  directory = opendir("/proc/self/fd");
  for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;)
    found += entry->d_name[0] != '.';
  SAY(found >= 3);
  if (directory)
    closedir(directory);
  FILE *maps = fopen("/proc/self/maps", "r");
  int stack = 0, lines = 0, own = 0;
  while (maps && fgets(text, sizeof text, maps)) {
    unsigned long from, to;
    lines++;
    if (sscanf(text, "%lx-%lx", &from, &to) == 2) {
      stack += (unsigned long)&from >= from && (unsigned long)&from < to;
      own += (unsigned long)self >= from && (unsigned long)self < to;
    }
  }
  SAY(lines > 3);
  printf("%d %d\n", stack, own);
  T(stat("/proc/self", &status));
  SAY(S_ISDIR(status.st_mode));
  T(open("/proc/self/nothing", O_RDONLY));
  T(lstat("/proc/self", &status));
  SAY(S_ISLNK(status.st_mode));
}

int main(int argc, char **argv)
{
  begin("devices-run");
  devices();
  no_terminal();
  self(argv[0]);
  return 0;
}
