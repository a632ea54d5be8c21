// The twins that a program calls when it was built with _FORTIFY_SOURCE. What they know
// of the target's size is none here, as for most pointers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void* __memcpy_chk(void* to, const void* from, size_t size, size_t known);
extern char* __strcpy_chk(char* to, const char* from, size_t known);
extern int __sprintf_chk(char* to, int flag, size_t known, const char* text, ...);
extern int __fprintf_chk(FILE* stream, int flag, const char* text, ...);
extern long __read_chk(int file, void* to, size_t size, size_t known);
extern char* __fgets_chk(char* to, size_t known, int size, FILE* stream);

static const size_t kUnknown = ~(size_t)0;

static char* make(size_t size) {
  return malloc(size);  // mark: made
}

// RUN: memcpy
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@memcpy
//   through: memcpy
//
// RUN: strcpy
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@strcpy
//   through: strcpy
//
// RUN: sprintf
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@sprintf
//   through: sprintf
//
// RUN: fprintf
// FAULT: heap buffer overflow: read of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@fprintf
//   through: fprintf
//
// RUN: read
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@read
//   through: read
//
// RUN: fgets
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@fgets
//   through: fgets
int main(int count, char** words) {
  const char* what = words[1];
  (void)count;
  char* block = make(8);
  FILE* file = fopen("/proc/self/status", "r");
  if (strcmp(what, "memcpy") == 0) {
    __memcpy_chk(block, "12345678", 9, kUnknown);  // mark: memcpy
  } else if (strcmp(what, "strcpy") == 0) {
    __strcpy_chk(block, "12345678", kUnknown);  // mark: strcpy
  } else if (strcmp(what, "sprintf") == 0) {
    __sprintf_chk(block, 1, kUnknown, "%08d", 1);  // mark: sprintf
  } else if (strcmp(what, "fprintf") == 0) {
    memset(block, 'x', 8);
    __fprintf_chk(tmpfile(), 1, "%d %s", 1, block);  // mark: fprintf
  } else if (strcmp(what, "read") == 0) {
    if (__read_chk(fileno(file), block, 9, kUnknown) != 9) return 8;  // mark: read
  } else {
    __fgets_chk(block, kUnknown, 12, file);  // mark: fgets
  }
  free(block);
  return 0;
}
