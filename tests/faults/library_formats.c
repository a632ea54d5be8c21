// The destination of the printf family: what is really written counts, and what libc
// would have written is.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static char* make(size_t size) {
  return malloc(size);  // mark: made
}

static void format(char* to, const char* text, ...) {
  va_list list;
  va_start(list, text);
  vsprintf(to, text, list);  // mark: vsprintf
  va_end(list);
}

static void expect(const char* made, const char* wanted) {
  if (strcmp(made, wanted) != 0) exit(9);
}

// RUN: sprintf
// FAULT: heap buffer overflow: write of 11 bytes, 3 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@sprintf
//   through: sprintf
// FAULT: heap buffer overflow: read of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: expect < main
//   through: strcmp
//
// RUN: snprintf
// FAULT: heap buffer overflow: write of 10 bytes, 2 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@snprintf
//   through: snprintf
//
// RUN: vsprintf
// FAULT: heap buffer overflow: write of 9 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: format@vsprintf < main
//   through: vsprintf
//
// RUN: freed
// FAULT: use after free: write of 4 bytes, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < main
//   free: free: main@freed
//   access: main@late
//   through: sprintf
//
// RUN: swprintf
// FAULT: heap buffer overflow: write of 12 bytes, 4 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@swprintf
//   through: swprintf
int main(int count, char** words) {
  const char* what = words[1];
  (void)count;
  char* block = make(8);
  if (strcmp(what, "sprintf") == 0) {
    if (sprintf(block, "%d %s", 1234, "hello") != 10) return 8;  // mark: sprintf
    expect(block, "1234 hello");
  } else if (strcmp(what, "snprintf") == 0) {
    if (snprintf(block, 10, "%s", "123456789abc") != 12) return 8;  // mark: snprintf
  } else if (strcmp(what, "vsprintf") == 0) {
    format(block, "%08d", 5);
  } else if (strcmp(what, "freed") == 0) {
    free(block);                // mark: freed
    sprintf(block, "%d", 123);  // mark: late
    return 0;
  } else {
    swprintf((wchar_t*)block, 20, L"%d", 12345);  // mark: swprintf
  }
  free(block);
  return 0;
}
