// What the kernel and stdio are given to write into and to read from.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static char* make(size_t size) {
  return malloc(size);  // mark: made
}

static FILE* open_lines(void) {
  FILE* file = tmpfile();
  fputs("a long line of text\nshort\n", file);
  rewind(file);
  return file;
}

// RUN: read
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@read
//   through: read
//
// RUN: pread
// FAULT: use after free: write of 4 bytes, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < main
//   free: free: main@freed
//   access: main@pread
//   through: pread
//
// RUN: readv
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@readv
//   through: readv
//
// RUN: preadv
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@preadv
//   through: preadv
//
// RUN: recvmsg
// FAULT: heap buffer overflow: write of 16 bytes, 8 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@recvmsg
//   through: recvmsg
//
// RUN: sendmsg
// FAULT: heap buffer overflow: read of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@sendmsg
//   through: sendmsg
//
// RUN: realpath
// FAULT: heap buffer overflow: write of 10 bytes, 2 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@realpath
//   through: realpath
//
// RUN: recv
// FAULT: heap buffer overflow: write of 16 bytes, 8 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@recv
//   through: recv
//
// RUN: write
// FAULT: heap buffer overflow: read of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@write
//   through: write
//
// RUN: fwrite
// FAULT: heap buffer underflow: read of 4 bytes, 2 bytes before an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@fwrite
//   through: fwrite
//
// RUN: fread
// FAULT: heap buffer overflow: write of 10 bytes, 2 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@fread
//   through: fread
//
// RUN: fgets
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@fgets
//   through: fgets
//
// RUN: getcwd
// FAULT: heap buffer overflow: write of 4096 bytes, 4095 more than are left of a 1-byte block
//   alloc: malloc: make@made < main
//   access: main@getcwd
//   through: getcwd
//
// RUN: readlink
// FAULT: heap buffer overflow: write of 64 bytes, 56 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@readlink
//   through: readlink
int main(int count, char** words) {
  const char* what = words[1];
  (void)count;
  const int zeros = open("/dev/zero", O_RDWR);
  char* block = make(strcmp(what, "getcwd") == 0 ? 1 : 8);
  memset(block, 1, strcmp(what, "getcwd") == 0 ? 1 : 8);
  if (strcmp(what, "read") == 0) {
    if (read(zeros, block, 9) != 9) return 8;  // mark: read
  } else if (strcmp(what, "pread") == 0) {
    free(block);                                   // mark: freed
    if (pread(zeros, block, 4, 0) != 4) return 8;  // mark: pread
    return 0;
  } else if (strcmp(what, "readv") == 0) {
    char local[4];
    struct iovec pieces[2] = {{local, 4}, {block, 9}};
    if (readv(zeros, pieces, 2) != 13) return 8;  // mark: readv
  } else if (strcmp(what, "preadv") == 0) {
    struct iovec piece = {block, 9};
    if (preadv(zeros, &piece, 1, 0) != 9) return 8;  // mark: preadv
  } else if (strcmp(what, "recvmsg") == 0) {
    int ends[2];
    struct iovec piece = {block, 16};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    send(ends[0], "abc", 3, 0);
    if (recvmsg(ends[1], &message, 0) != 3) return 8;  // mark: recvmsg
  } else if (strcmp(what, "sendmsg") == 0) {
    int ends[2];
    struct iovec piece = {block, 9};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (sendmsg(ends[0], &message, 0) != 9) return 8;  // mark: sendmsg
  } else if (strcmp(what, "realpath") == 0) {
    if (realpath("/proc/sys", block) != block) return 8;  // mark: realpath
  } else if (strcmp(what, "recv") == 0) {
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    send(ends[0], "abc", 3, 0);
    if (recv(ends[1], block, 16, 0) != 3) return 8;  // mark: recv
  } else if (strcmp(what, "write") == 0) {
    if (write(zeros, block, 9) != 9) return 8;  // mark: write
  } else if (strcmp(what, "fwrite") == 0) {
    if (fwrite(block - 2, 1, 4, tmpfile()) != 4) return 8;  // mark: fwrite
  } else if (strcmp(what, "fread") == 0) {
    if (fread(block, 2, 5, open_lines()) != 5) return 8;  // mark: fread
    if (memcmp(block, "a long l", 8) != 0) return 9;
  } else if (strcmp(what, "fgets") == 0) {
    FILE* file = open_lines();
    char line[16];
    if (fgets(block, 100, file) != block) return 8;  // mark: fgets
    if (memcmp(block, "a long l", 8) != 0) return 9;
    if (fgets(line, 16, file) == NULL || strcmp(line, "short\n") != 0) return 10;
  } else if (strcmp(what, "getcwd") == 0) {
    if (getcwd(block, 4096) == NULL) return 8;  // mark: getcwd
  } else {
    if (readlink("/proc/self/exe", block, 64) < 8) return 8;  // mark: readlink
  }
  free(block);
  return 0;
}
