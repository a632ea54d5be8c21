// Strings among the arguments of the printf family, and what the scanf family writes to.
#include <fcntl.h>
#include <stdio.h>
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

static char* make_freed(void) {
  char* block = make(8);
  strcpy(block, "a,b,c");
  free(block);  // mark: freed
  return block;
}

static FILE* open_words(void) {
  FILE* file = tmpfile();
  fputs("17 something else", file);
  rewind(file);
  return file;
}

// RUN: printf
// FAULT: use after free: read of 1 byte, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < make_freed < main
//   free: free: make_freed@freed < main
//   access: main@printf
//   through: printf
//
// RUN: fprintf
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@fprintf
//   through: fprintf
//
// RUN: among-others
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@others
//   through: dprintf
//
// RUN: asprintf
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@asprintf
//   through: asprintf
//
// RUN: precision
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@precision
//   through: snprintf
//
// RUN: sprintf
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@sprintf
//   through: sprintf
//
// RUN: wide
// FAULT: heap buffer overflow: read of 12 bytes, 4 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@wide
//   through: snprintf
//
// RUN: format
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@format
//   through: printf
//
// RUN: sscanf
// FAULT: heap buffer overflow: write of 10 bytes, 2 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@sscanf
//   through: sscanf
//
// RUN: fscanf
// FAULT: heap buffer overflow: write of 10 bytes, 2 more than are left of an 8-byte block
//   alloc: malloc: make@made < main
//   access: main@fscanf
//   through: fscanf
//
// RUN: number
// FAULT: use after free: write of 4 bytes, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < make_freed < main
//   free: free: make_freed@freed < main
//   access: main@number
//   through: sscanf
//
// RUN: scanned
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@scanned
//   through: sscanf
int main(int count, char** words) {
  const char* what = words[1];
  const int nowhere = open("/dev/null", O_WRONLY);
  FILE* null = fdopen(nowhere, "w");
  char local[64];
  (void)count;
  freopen("/dev/null", "w", stdout);
  if (strcmp(what, "printf") == 0) {
    printf("%d %s\n", 1, make_freed());  // mark: printf
  } else if (strcmp(what, "fprintf") == 0) {
    fprintf(null, "%s", make_unterminated());  // mark: fprintf
  } else if (strcmp(what, "among-others") == 0) {
    const char* text = make_unterminated();
    const char* format = "%5.1f %Lf %*d %ld %% %-3c %m %.*s %s";
    dprintf(nowhere, format, 1.5, 2.5L, 7, 1, 2L, 'x', 3, "abc", text);  // mark: others
  } else if (strcmp(what, "asprintf") == 0) {
    char* made = NULL;
    if (asprintf(&made, "<%s>", make_unterminated()) < 6) return 8;  // mark: asprintf
    free(made);
  } else if (strcmp(what, "precision") == 0) {
    snprintf(local, 3, "%.5s", make_unterminated());  // mark: precision
  } else if (strcmp(what, "sprintf") == 0) {
    char* to = make(5);
    sprintf(to, "%.5s", make_unterminated());  // mark: sprintf
    free(to);
  } else if (strcmp(what, "wide") == 0) {
    wchar_t* text = (wchar_t*)make(2 * sizeof(wchar_t));
    wmemset(text, L'x', 2);
    snprintf(local, 1, "%ls", text);  // mark: wide
  } else if (strcmp(what, "format") == 0) {
    printf(make_unterminated());  // mark: format
  } else if (strcmp(what, "sscanf") == 0) {
    char* to = make(8);
    if (sscanf("17 something", "%*d %s", to) != 1) return 8;  // mark: sscanf
    if (memcmp(to, "somethin", 8) != 0) return 9;
    free(to);
  } else if (strcmp(what, "fscanf") == 0) {
    char* to = make(8);
    int number = 0;
    if (fscanf(open_words(), "%d %[a-z]", &number, to) != 2) return 8;  // mark: fscanf
    if (number != 17) return 9;
    free(to);
  } else if (strcmp(what, "number") == 0) {
    if (sscanf("12", "%d", (int*)make_freed()) != 1) return 8;  // mark: number
  } else {
    sscanf(make_unterminated(), "%3s", local);  // mark: scanned
  }
  return 0;
}
