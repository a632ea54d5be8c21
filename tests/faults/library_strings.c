// Strings are measured inside their block. One that does not end in it is told of; so is
// one that does not fit where it is copied to.
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static char* make(size_t size) {
  return malloc(size);  // mark: made
}

static char* make_unterminated(void) {
  char* block = make(4);
  memcpy(block, "abcd", 4);
  return block;
}

static volatile size_t g_length;

// RUN: strcpy
// FAULT: heap buffer overflow: write of 6 bytes, 1 more than are left of a 5-byte block
//   alloc: malloc: make@made < main
//   access: main@strcpy
//   through: strcpy
//
// RUN: strncpy
// FAULT: heap buffer overflow: write of 8 bytes, 3 more than are left of a 5-byte block
//   alloc: malloc: make@made < main
//   access: main@strncpy
//   through: strncpy
//
// RUN: strcat
// FAULT: heap buffer overflow: write of 4 bytes, 1 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@strcat
//   through: strcat
//
// RUN: strncat
// FAULT: heap buffer overflow: write of 3 bytes, 1 more than are left of a 7-byte block
//   alloc: malloc: make@made < main
//   access: main@strncat
//   through: strncat
//
// RUN: stpcpy
// FAULT: use after free: write of 4 bytes, 0 bytes inside a freed 5-byte block
//   alloc: malloc: make@made < main
//   free: free: main@freed
//   access: main@stpcpy
//   through: stpcpy
//
// RUN: strlen
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strlen
//   through: strlen
//
// RUN: strdup
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strdup
//   through: strdup
//
// RUN: strcmp
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strcmp
//   through: strcmp
//
// RUN: strchr
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strchr
//   through: strchr
//
// RUN: copied
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@copied
//   through: strcpy
//
// RUN: shifted
// FAULT: overlapping memory: write of 9 bytes between ranges that begin 1 byte apart
//   alloc: malloc: make@made < main
//   access: main@shifted
//   through: strcpy
//
// RUN: wcscpy
// FAULT: heap buffer overflow: write of 16 bytes, 4 more than are left of a 12-byte block
//   alloc: malloc: make@made < main
//   access: main@wcscpy
//   through: wcscpy
//
// RUN: wmemset
// FAULT: heap buffer overflow: write of 16 bytes, 4 more than are left of a 12-byte block
//   alloc: malloc: make@made < main
//   access: main@wmemset
//   through: wmemset
//
// RUN: wcslen
// FAULT: heap buffer overflow: read of 12 bytes, 4 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@wcslen
//   through: wcslen
int main(int count, char** words) {
  const char* what = words[1];
  (void)count;
  if (strcmp(what, "strcpy") == 0) {
    char* block = make(5);
    strcpy(block, "hello");  // mark: strcpy
    free(block);
  } else if (strcmp(what, "strncpy") == 0) {
    char* block = make(5);
    strncpy(block, "hi", 8);  // mark: strncpy
    free(block);
  } else if (strcmp(what, "strcat") == 0) {
    char* block = make(8);
    strcpy(block, "hello");
    strcat(block, "wor");  // mark: strcat
    free(block);
  } else if (strcmp(what, "strncat") == 0) {
    char* block = make(7);
    strcpy(block, "hello");
    strncat(block, "world", 2);  // mark: strncat
    free(block);
  } else if (strcmp(what, "stpcpy") == 0) {
    char* block = make(5);
    free(block);           // mark: freed
    stpcpy(block, "abc");  // mark: stpcpy
  } else if (strcmp(what, "strlen") == 0) {
    g_length = strlen(make_unterminated());  // mark: strlen
  } else if (strcmp(what, "strdup") == 0) {
    free(strdup(make_unterminated()));  // mark: strdup
  } else if (strcmp(what, "strcmp") == 0) {
    g_length = (size_t)strcmp("abcd", make_unterminated());  // mark: strcmp
  } else if (strcmp(what, "strchr") == 0) {
    g_length = strchr(make_unterminated(), 'x') != NULL;  // mark: strchr
  } else if (strcmp(what, "copied") == 0) {
    char* block = make(5);
    strcpy(block, make_unterminated());  // mark: copied
    free(block);
  } else if (strcmp(what, "shifted") == 0) {
    char* block = make(20);
    strcpy(block, "123456789");
    strcpy(block, block + 1);  // mark: shifted
  } else if (strcmp(what, "wcscpy") == 0) {
    wchar_t* block = (wchar_t*)make(12);
    wcscpy(block, L"abc");  // mark: wcscpy
    free(block);
  } else if (strcmp(what, "wmemset") == 0) {
    wchar_t* block = (wchar_t*)make(12);
    wmemset(block, L'x', 4);  // mark: wmemset
    free(block);
  } else {
    wchar_t* block = (wchar_t*)make(8);
    wmemset(block, L'x', 2);
    g_length = wcslen(block);  // mark: wcslen
  }
  return 0;
}
