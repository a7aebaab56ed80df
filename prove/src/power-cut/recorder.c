// Loaded into a process before all else (LD_PRELOAD), this writes down, in one order for all processes that share a
// record, what is written to the files of one directory, what is synced, and when. It can also make writes and syncs
// fail. It is compiled by recorder.ts, which also reads the record.
//
//   RECORDER_DIRECTORY  whose files are watched (a real path); those that end in -shm hold nothing that must last
//   RECORDER_LOG        the record
//   RECORDER_FAULTS     a file that holds a struct faults; everybody who shares it sees its changes at once
//
// A write is recorded when it is done and a sync when it begins and when it is done, each before its caller hears of
// it. So a write that stands before the beginning of a sync was covered by it, and whatever a caller did because of a
// write or a sync stands after it.
//
// A sync that fails is told of as Linux does: to everybody who has the file open, each at its next sync, and to nobody
// who opens it later. What it was to write counts as written from then on: no later sync writes it.

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

static struct faults {
  uint8_t writes;        // the errno with which writes fail; 0 for none
  uint8_t syncs;         // and syncs
  uint8_t every;         // whether, for all that, a few of each many operations fail, one way after the other
  uint8_t unused;
  uint32_t operations;   // so far, while `every` is set
  uint32_t failures[3];  // syncs that failed: of the log, of any other file, of the directory
} *faults;

// What failures this process's descriptors have been told of.
#define DESCRIPTORS 4096
static uint32_t told[DESCRIPTORS];

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
  int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) abort();
  faults = map;
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

#define WRITES 0
#define SYNCS 1

// Of each PERIOD operations the last TROUBLE fail, ROUNDS times in all. By count, not by time, so that a slow machine
// meets as many as a fast one.
#define PERIOD 50
#define TROUBLE 6
#define ROUNDS 24
static const int troubles[][2] = {{0, EIO}, {ENOSPC, 0}, {0, EIO}, {EROFS, 0}, {0, EIO}, {EIO, 0}};
#define KINDS (sizeof troubles / sizeof *troubles)

// What is reported is no part of the disk, so it never fails.
static int fault(int which, const char *path) {
  if (faults == NULL || strcmp(path + directory_length, "/reports") == 0) return 0;
  int code = which == WRITES ? faults->writes : faults->syncs;
  if (code != 0 || faults->every == 0) return code;
  uint32_t count = __atomic_add_fetch(&faults->operations, 1, __ATOMIC_SEQ_CST);
  if (count > ROUNDS * PERIOD) return 0;
  return count % PERIOD < PERIOD - TROUBLE ? 0 : troubles[count / PERIOD % KINDS][which];
}

// A fault is recorded, and its caller told of it.
static int fail(const char *path, int code) {
  record('e', path, code, NULL, 0);
  errno = code;
  return -1;
}

#define FAIL_WRITE                        \
  do {                                    \
    int code = fault(WRITES, path);       \
    if (code != 0) return fail(path, code); \
  } while (0)

static uint32_t *failures_of(const char *path) {
  size_t length = strlen(path);
  if (length == directory_length) return &faults->failures[2];
  return &faults->failures[strcmp(path + length - 4, "-wal") == 0 ? 0 : 1];
}

// Whether a sync has failed of which this descriptor was not told yet; now it is.
static int hears_of_failure(int fd, const char *path) {
  if (faults == NULL || fd >= DESCRIPTORS) return 0;
  uint32_t now = __atomic_load_n(failures_of(path), __ATOMIC_SEQ_CST);
  int is_news = told[fd] != now;
  told[fd] = now;
  return is_news;
}

static void record_write(int fd, const char *path, const void *data, ssize_t done, int64_t offset) {
  if (done <= 0) return;
  if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - done;
  record('w', path, offset, data, done);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  char path[PATH_MAX];
  int watched = path_of(fd, path);
  if (watched) FAIL_WRITE;
  ssize_t done = REAL(pwrite, ssize_t(*)(int, const void *, size_t, off_t))(fd, data, length, offset);
  if (watched) record_write(fd, path, data, done, offset);
  return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return pwrite(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
  char path[PATH_MAX];
  int watched = path_of(fd, path);
  if (watched) FAIL_WRITE;
  ssize_t done = REAL(write, ssize_t(*)(int, const void *, size_t))(fd, data, length);
  if (watched) record_write(fd, path, data, done, -1);
  return done;
}

int ftruncate(int fd, off_t length) {
  char path[PATH_MAX];
  int watched = path_of(fd, path);
  if (watched) FAIL_WRITE;
  int result = REAL(ftruncate, int (*)(int, off_t))(fd, length);
  if (watched && result == 0) record('t', path, length, NULL, 0);
  return result;
}

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

static int sync_with(int fd, int (*sync)(int)) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return sync(fd);
  int code = fault(SYNCS, path);
  if (code != 0) {
    __atomic_add_fetch(failures_of(path), 1, __ATOMIC_SEQ_CST);
    record('f', path, 0, NULL, 0);
  }
  if (hears_of_failure(fd, path)) {
    errno = EIO;
    return -1;
  }
  record('s', path, 0, NULL, 0);
  int result = sync(fd);
  // Another's may have failed meanwhile, with what this one was to write.
  if (result == 0 && hears_of_failure(fd, path)) {
    errno = EIO;
    return -1;
  }
  if (result == 0) record('S', path, 0, NULL, 0);
  return result;
}

int fsync(int fd) { return sync_with(fd, REAL(fsync, int (*)(int))); }

int fdatasync(int fd) { return sync_with(fd, REAL(fdatasync, int (*)(int))); }

int unlink(const char *path) {
  char full[PATH_MAX];
  int watched = realpath(path, full) != NULL && is_watched(full);
  int code = watched ? fault(WRITES, full) : 0;
  if (code != 0) return fail(full, code);
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
    if (faults != NULL && fd < DESCRIPTORS) told[fd] = __atomic_load_n(failures_of(full), __ATOMIC_SEQ_CST);
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
