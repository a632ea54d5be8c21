// Searches, words and numbers of a text that is not there any more, or does not end where
// it must.
#include <stdlib.h>
#include <string.h>

static char* make(size_t size) {
  return malloc(size);  // mark: made
}

static char* make_unterminated(const char* text) {
  char* block = make(strlen(text));
  memcpy(block, text, strlen(text));
  return block;
}

static char* make_freed(void) {
  char* block = make(8);
  strcpy(block, "a,b,c");
  free(block);  // mark: freed
  return block;
}

static volatile size_t g_sum;
// Headers make strtol of it.
static int (*volatile g_atoi)(const char*) = atoi;

// RUN: strstr
// FAULT: heap buffer overflow: read of 7 bytes, 1 more than are left of a 6-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strstr
//   through: strstr
//
// RUN: wanted
// FAULT: heap buffer overflow: read of 3 bytes, 1 more than are left of a 2-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@wanted
//   through: strstr
//
// RUN: strcasestr
// FAULT: use after free: read of 1 byte, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < make_freed < main
//   free: free: make_freed@freed < main
//   access: main@strcasestr
//   through: strcasestr
//
// RUN: memmem
// FAULT: heap buffer overflow: read of 9 bytes, 3 more than are left of a 6-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@memmem
//   through: memmem
//
// RUN: strspn
// FAULT: heap buffer overflow: read of 7 bytes, 1 more than are left of a 6-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strspn
//   through: strspn
//
// RUN: strcspn
// FAULT: use after free: read of 1 byte, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < make_freed < main
//   free: free: make_freed@freed < main
//   access: main@strcspn
//   through: strcspn
//
// RUN: strpbrk
// FAULT: heap buffer overflow: read of 7 bytes, 1 more than are left of a 6-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strpbrk
//   through: strpbrk
//
// RUN: strtok
// FAULT: use after free: read of 1 byte, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < make_freed < main
//   free: free: make_freed@freed < main
//   access: main@strtok
//   through: strtok
//
// RUN: strtok-goes-on
// FAULT: use after free: read of 1 byte, 2 bytes inside a freed 6-byte block
//   alloc: malloc: make@made < main
//   free: free: main@cut
//   access: main@next
//   through: strtok
//
// RUN: strtok_r
// FAULT: heap buffer overflow: read of 7 bytes, 1 more than are left of a 6-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strtok_r
//   through: strtok_r
//
// RUN: strsep
// FAULT: heap buffer overflow: read of 7 bytes, 1 more than are left of a 6-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strsep
//   through: strsep
//
// RUN: atoi
// FAULT: use after free: read of 1 byte, 0 bytes inside a freed 8-byte block
//   alloc: malloc: make@made < make_freed < main
//   free: free: make_freed@freed < main
//   access: main@atoi
//   through: atoi
//
// RUN: strtoul
// FAULT: heap buffer overflow: read of 5 bytes, 1 more than are left of a 4-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strtoul
//   through: strtoul
//
// RUN: strtod
// FAULT: heap buffer overflow: read of 7 bytes, 1 more than are left of a 6-byte block
//   alloc: malloc: make@made < make_unterminated < main
//   access: main@strtod
//   through: strtod
int main(int count, char** words) {
  const char* what = words[1];
  (void)count;
  if (strcmp(what, "strstr") == 0) {
    g_sum = strstr(make_unterminated("abcdef"), "efg") != NULL;  // mark: strstr
  } else if (strcmp(what, "wanted") == 0) {
    g_sum = strstr("abcdef", make_unterminated("ef")) != NULL;  // mark: wanted
  } else if (strcmp(what, "strcasestr") == 0) {
    g_sum = strcasestr(make_freed(), "B") != NULL;  // mark: strcasestr
  } else if (strcmp(what, "memmem") == 0) {
    g_sum = memmem(make_unterminated("abcdef"), 9, "xy", 2) != NULL;  // mark: memmem
  } else if (strcmp(what, "strspn") == 0) {
    g_sum = strspn(make_unterminated("aabbaa"), "ab");  // mark: strspn
  } else if (strcmp(what, "strcspn") == 0) {
    g_sum = strcspn(make_freed(), ",");  // mark: strcspn
  } else if (strcmp(what, "strpbrk") == 0) {
    g_sum = strpbrk(make_unterminated("abcdef"), "xyz") != NULL;  // mark: strpbrk
  } else if (strcmp(what, "strtok") == 0) {
    g_sum = strtok(make_freed(), ",") != NULL;  // mark: strtok
  } else if (strcmp(what, "strtok-goes-on") == 0) {
    char* block = make(6);
    strcpy(block, "a,b,c");
    g_sum = strtok(block, ",") != NULL;
    free(block);                        // mark: cut
    g_sum = strtok(NULL, ",") != NULL;  // mark: next
  } else if (strcmp(what, "strtok_r") == 0) {
    char* rest = NULL;
    g_sum = strtok_r(make_unterminated(",bcdef"), ",", &rest) != NULL;  // mark: strtok_r
  } else if (strcmp(what, "strsep") == 0) {
    char* rest = make_unterminated("abcdef");
    g_sum = strsep(&rest, ",") != NULL;  // mark: strsep
  } else if (strcmp(what, "atoi") == 0) {
    g_sum = (size_t)g_atoi(make_freed());  // mark: atoi
  } else if (strcmp(what, "strtoul") == 0) {
    g_sum = strtoul(make_unterminated("1234"), NULL, 10);  // mark: strtoul
  } else {
    g_sum = (size_t)strtod(make_unterminated(" 1.5e3"), NULL);  // mark: strtod
  }
  return 0;
}
