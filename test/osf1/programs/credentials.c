/* Users and groups, and what they may: begins as the superuser. */
#include "transcript.h"
#include <grp.h>

static void ids(const char *what)
{
  uid_t real, effective, saved;
  getresuid(&real, &effective, &saved);
  printf("%s: %d %d %d, ", what, real, effective, saved);
  getresgid(&real, &effective, &saved);
  printf("%d %d %d\n", real, effective, saved);
}

static void changing(void)
{
  gid_t groups[4] = {7, 8, 9}, got[40];
  pid_t child;
  if (CHILD(child)) {
    ids("first");
    T(setgroups(3, groups));
    T(getgroups(40, got));
    printf("%d %d %d\n", got[0], got[1], got[2]);
    T(getgroups(0, got));
    T(getgroups(1, got));
    T(setegid(50));
    T(seteuid(100));
    ids("effective");
    T(setuid(200));
    T(setgid(60));
    T(seteuid(0));
    ids("back");
    T(setresgid(10, 20, 30));
    T(setresuid(1, 2, 3));
    ids("three");
    T(setuid(9));
    T(setuid(1));
    T(setresuid(3, 3, -1));
    T(setreuid(2, -1));
    ids("exchanged");
    T(setgroups(1, groups));
    leave(0);
  }
  reap("changing", child);
  if (CHILD(child)) {
    T(setgid(5));
    T(setuid(5));
    ids("for good");
    T(setuid(0));
    T(seteuid(0));
    T(setreuid(5, 6));
    leave(0);
  }
  reap("for good", child);
}

static void files(void)
{
  struct stat status;
  pid_t child;
  int file;
  umask(0);
  chmod(".", 0777);
  put_file("private", "x");
  chmod("private", 0600);
  put_file("public", "x");
  chmod("public", 0644);
  put_file("of group", "x");
  T(chown("of group", 0, 77));
  chmod("of group", 0060);
  mkdir("closed", 0700);
  put_file("closed/x", "x");
  mkdir("sticky", 0777);
  chmod("sticky", 01777);
  put_file("sticky/root's", "x");
  mkdir("grouped", 0777);
  chown("grouped", 0, 77);
  chmod("grouped", 02777);
  if (CHILD(child)) {
    gid_t group = 77;
    setgroups(1, &group);
    setgid(500);
    setuid(500);
    T(open("private", O_RDONLY));
    OK(open("public", O_RDONLY));
    T(open("public", O_WRONLY));
    OK(open("of group", O_RDWR));
    T(open("closed/x", O_RDONLY));
    T(stat("closed/x", &status));
    T(stat("private", &status));
    T(chdir("closed"));
    T(access("private", R_OK));
    T(access("public", W_OK));
    T(access("public", X_OK));
    OK(file = open("own", O_CREAT | O_RDWR, 0400));
    T(write(file, "x", 1));
    T(open("own", O_RDWR));
    T(fstat(file, &status));
    printf("%d %o\n", status.st_uid, status.st_mode);
    T(chmod("own", 0644));
    T(chmod("public", 0666));
    T(chown("own", 500, 77));
    T(chown("own", 501, 77));
    T(chown("own", 500, 99));
    T(chown("public", 500, 500));
    T(unlink("sticky/root's"));
    T(rename("sticky/root's", "mine"));
    T(rename("own", "sticky/own"));
    T(unlink("sticky/own"));
    T(mkdir("closed/y", 0777));
    T(mkdir("grouped/d", 0755));
    stat("grouped/d", &status);
    printf("%d %d %o\n", status.st_uid, status.st_gid, status.st_mode & 0777);
    T(unlink("private"));
    T(utimensat(AT_FDCWD, "public", NULL, 0));
    T(mknod("device", S_IFCHR | 0666, 0x103));
    T(chroot("."));
    leave(0);
  }
  reap("files", child);
  put_file("suid", "x");
  chmod("suid", 06755);
  stat("suid", &status);
  printf("%o\n", status.st_mode);
  T(access("private", X_OK));
  T(access("closed", X_OK));
}

static void others(void)
{
  pid_t child, target;
  if (CHILD(target)) {
    pause();
    leave(0);
  }
  if (CHILD(child)) {
    setuid(500);
    T(kill(target, SIGTERM));
    T(kill(target, 0));
    T(setpgid(target, target));
    leave(0);
  }
  reap("other user", child);
  T(kill(target, SIGTERM));
  reap("target", target);
}

static void roots(void)
{
  pid_t child;
  char path[64];
  mkdir("root", 0755);
  put_file("root/inside", "x");
  put_file("outside", "x");
  if (CHILD(child)) {
    T(chroot("root"));
    T(chdir("/"));
    T(access("/inside", F_OK));
    T(access("/outside", F_OK));
    T(access("../outside", F_OK));
    T(access("/../inside", F_OK));
    SAY(getcwd(path, sizeof path) != NULL);
    puts(path);
    leave(0);
  }
  reap("root", child);
  T(chroot("outside"));
  T(chroot("none"));
}

int main(void)
{
  begin("credentials");
  changing();
  files();
  others();
  roots();
  return 0;
}
