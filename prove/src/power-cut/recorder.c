// Loaded into a process before all else (LD_PRELOAD), this writes down, in one order for all processes that share a
// record, what is written to the files of one directory, what is synced, and when. It can also make writes and syncs
// fail. It is compiled by recorder.ts, which also reads the record.
//
//   RECORDER_DIRECTORY  whose files are watched (a real path); those that end in -shm hold nothing that must last
//   RECORDER_LOG        the record
//   RECORDER_FAULTS     a file of two bytes: the errno with which writes fail, and that with which syncs do; 0 for none
//
// A write is recorded when it is done and a sync when it begins and when it is done, each before its caller hears of
// it. So a write that stands before the beginning of a sync was covered by it, and whatever a caller did because of a
// write or a sync stands after it.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name, type) ((type)real(#name))

static const char *directory;
static size_t directory_length;
static int log_file = -1;
static volatile unsigned char *faults;

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

__attribute__((constructor)) static void begin(void) {
  directory = getenv("RECORDER_DIRECTORY");
  directory_length = directory == NULL ? 0 : strlen(directory);
  const char *log = getenv("RECORDER_LOG");
  if (log != NULL) log_file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const char *file = getenv("RECORDER_FAULTS");
  if (file == NULL) return;
  int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
  void *map = fd < 0 ? MAP_FAILED : mmap(NULL, 2, PROT_READ, MAP_SHARED, fd, 0);
  if (map != MAP_FAILED) faults = map;
}

static int is_watched(const char *path) {
  if (directory == NULL || strncmp(path, directory, directory_length) != 0) return 0;
  if (path[directory_length] != '/' && path[directory_length] != '\0') return 0;
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return is_watched(path);
}

// One record is one write in append mode, so that those of several processes do not mix.
static void record(char kind, const char *path, uint64_t offset, const void *data, size_t length) {
  if (log_file < 0) return;
  const char *name = path + directory_length;
  struct __attribute__((packed)) {
    uint8_t kind;
    uint8_t name_length;
    uint32_t process;
    uint32_t length;
    uint64_t offset;
  } head = {kind, strlen(name), syscall(SYS_gettid), length, offset};
  struct iovec parts[] = {{&head, sizeof head}, {(void *)name, head.name_length}, {(void *)data, length}};
  ssize_t written = syscall(SYS_writev, log_file, parts, 3);
  if (written != (ssize_t)(sizeof head + head.name_length + length)) abort();
}

static int fault(int which) { return faults == NULL ? 0 : faults[which]; }

#define FAIL(which)            \
  do {                         \
    int code = fault(which);   \
    if (code != 0) {           \
      errno = code;            \
      return -1;               \
    }                          \
  } while (0)

static void record_write(int fd, const char *path, const void *data, ssize_t done, int64_t offset) {
  if (done <= 0) return;
  if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - done;
  record('w', path, offset, data, done);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  char path[PATH_MAX];
  int watched = path_of(fd, path);
  if (watched) FAIL(0);
  ssize_t done = REAL(pwrite, ssize_t(*)(int, const void *, size_t, off_t))(fd, data, length, offset);
  if (watched) record_write(fd, path, data, done, offset);
  return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return pwrite(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
  char path[PATH_MAX];
  int watched = path_of(fd, path);
  if (watched) FAIL(0);
  ssize_t done = REAL(write, ssize_t(*)(int, const void *, size_t))(fd, data, length);
  if (watched) record_write(fd, path, data, done, -1);
  return done;
}

int ftruncate(int fd, off_t length) {
  char path[PATH_MAX];
  int watched = path_of(fd, path);
  if (watched) FAIL(0);
  int result = REAL(ftruncate, int (*)(int, off_t))(fd, length);
  if (watched && result == 0) record('t', path, length, NULL, 0);
  return result;
}

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

static int sync_with(int fd, int (*sync)(int)) {
  char path[PATH_MAX];
  int watched = path_of(fd, path);
  if (watched) {
    FAIL(1);
    record('s', path, 0, NULL, 0);
  }
  int result = sync(fd);
  if (watched && result == 0) record('S', path, 0, NULL, 0);
  return result;
}

int fsync(int fd) { return sync_with(fd, REAL(fsync, int (*)(int))); }

int fdatasync(int fd) { return sync_with(fd, REAL(fdatasync, int (*)(int))); }

int unlink(const char *path) {
  char full[PATH_MAX];
  int watched = realpath(path, full) != NULL && is_watched(full);
  if (watched) FAIL(0);
  int result = REAL(unlink, int (*)(const char *))(path);
  if (watched && result == 0) record('u', full, 0, NULL, 0);
  return result;
}

static int open_with(const char *path, int flags, mode_t mode) {
  struct stat before;
  int is_new = (flags & O_CREAT) != 0 && stat(path, &before) != 0;
  int fd = REAL(open64, int (*)(const char *, int, ...))(path, flags, mode);
  char full[PATH_MAX];
  if (fd >= 0 && path_of(fd, full)) {
    if (is_new) record('c', full, 0, NULL, 0);
    if ((flags & O_TRUNC) != 0) record('t', full, 0, NULL, 0);
  }
  return fd;
}

#define WITH_MODE(call)                            \
  mode_t mode = 0;                                 \
  if ((flags & O_CREAT) != 0) {                    \
    va_list rest;                                  \
    va_start(rest, flags);                         \
    mode = va_arg(rest, unsigned);                 \
    va_end(rest);                                  \
  }                                                \
  return call

int open(const char *path, int flags, ...) { WITH_MODE(open_with(path, flags, mode)); }

int open64(const char *path, int flags, ...) { WITH_MODE(open_with(path, flags, mode)); }
