/* Users at work, each a process: they edit, copy, list, talk through pipes, run themselves as a small
   program, send signals and take them; what they have written they read again. Until so many seconds
   of the clock have gone by. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(it) \
  do { \
    if (!(it)) { \
      dprintf(2, "user %d: %s\n", user, #it); \
      _exit(1); \
    } \
  } while (0)

static int user;
static volatile int heard;
static unsigned state;

static unsigned next(unsigned most) {
  state = state * 1103515245 + 12345;
  return (state >> 16) % most;
}
static void hear(int signal) { heard += signal == SIGUSR1; }

static void fill(char *bytes, int count, unsigned with) {
  for (int i = 0; i < count; i++) bytes[i] = (char)(with + i * 7);
}

static void edit(void) {
  static char written[9000], read_[9000];
  int count = 1 + next(sizeof written);
  fill(written, count, next(256));
  int file = open("text", O_CREAT | O_TRUNC | O_RDWR, 0644);
  CHECK(file >= 0);
  CHECK(write(file, written, count) == count);
  CHECK(next(4) || fsync(file) == 0);
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  CHECK(read(file, read_, sizeof read_) == count);
  CHECK(memcmp(written, read_, count) == 0);
  CHECK(close(file) == 0);
  CHECK(rename("text", "saved") == 0);
  struct stat status;
  CHECK(stat("saved", &status) == 0 && status.st_size == count);
}

static void list(void) {
  CHECK(mkdir("folder", 0755) == 0);
  int made = 1 + next(5), seen = 0;
  char name[32];
  for (int i = 0; i < made; i++) {
    sprintf(name, "folder/%d", i);
    int file = open(name, O_CREAT | O_WRONLY, 0600);
    CHECK(file >= 0 && close(file) == 0);
  }
  DIR *folder = opendir("folder");
  CHECK(folder);
  for (struct dirent *each; (each = readdir(folder));) seen += each->d_name[0] != '.';
  closedir(folder);
  CHECK(seen == made);
  for (int i = 0; i < made; i++) {
    sprintf(name, "folder/%d", i);
    CHECK(unlink(name) == 0);
  }
  CHECK(rmdir("folder") == 0);
}

static void talk(void) {
  int ends[2], status;
  CHECK(pipe(ends) == 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    char bytes[3000];
    close(ends[0]);
    for (int i = 0; i < 4; i++) {
      fill(bytes, sizeof bytes, i);
      if (write(ends[1], bytes, sizeof bytes) != sizeof bytes) _exit(1);
    }
    _exit(user);
  }
  close(ends[1]);
  char bytes[1000];
  long all = 0, got;
  while ((got = read(ends[0], bytes, sizeof bytes)) > 0) all += got;
  CHECK(all == 4 * 3000);
  close(ends[0]);
  CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == user);
}

static void execute(const char *self) {
  int status;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    execl(self, self, "program", (char *)0);
    _exit(99);
  }
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static void signals(void) {
  int status, before = heard;
  pid_t parent = getpid(), child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    kill(parent, SIGUSR1);
    for (;;) pause();
  }
  while (heard == before) usleep(1000);
  CHECK(kill(child, next(2) ? SIGKILL : SIGTERM) == 0);
  CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
}

static void memory(void) {
  int pages = 1 + next(20);
  char *at = mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(at != MAP_FAILED);
  for (int i = 0; i < pages; i++) at[i * 4096] = (char)i;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    for (int i = 0; i < pages; i++) at[i * 4096]++;
    _exit(at[(pages - 1) * 4096] == (char)pages ? 0 : 1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  for (int i = 0; i < pages; i++) CHECK(at[i * 4096] == (char)i);
  CHECK(munmap(at, pages * 4096) == 0);
}

static int work(const char *self, time_t until) {
  char home[16];
  int done = 0;
  sprintf(home, "user%d", user);
  CHECK(mkdir(home, 0755) == 0 && chdir(home) == 0);
  signal(SIGUSR1, hear);
  state = user * 2654435761u;
  for (; time(0) < until; done++) {
    switch (next(7)) {
    case 0: edit(); break;
    case 1: list(); break;
    case 2: talk(); break;
    case 3: execute(self); break;
    case 4: signals(); break;
    case 5: memory(); break;
    default: usleep(1000 * next(200)); /* thinks */
    }
  }
  unlink("saved");
  CHECK(chdir("..") == 0 && rmdir(home) == 0);
  return done;
}

int main(int argc, char **argv) {
  if (argc == 2) return 42;
  int users = atoi(argv[1]), ends[2];
  time_t until = time(0) + atoi(argv[2]);
  pipe(ends);
  for (int i = 1; i <= users; i++)
    if (fork() == 0) {
      user = i;
      int done = work(argv[0], until);
      write(ends[1], &done, sizeof done);
      _exit(0);
    }
  close(ends[1]);
  int good = 0, status, done, least = 0x7fffffff, all = 0;
  while (read(ends[0], &done, sizeof done) == sizeof done) {
    all += done;
    if (done < least) least = done;
  }
  while (wait(&status) > 0) good += status == 0;
  printf("good %d of %d\n", good, users);
  printf("%s\n", least > 0 ? "all worked" : "one did not");
  fprintf(stderr, "jobs %d\n", all);
  return 0;
}
