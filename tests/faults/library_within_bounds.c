// What is right, though it looks wrong to who is in a hurry: sizes that say more than is
// touched, ranges of nothing, comparisons that end early.
//
// CLEAN
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wchar.h>

static int g_failed = 0;

static void expect(int holds, int line) {
  if (holds) return;
  printf("line %d\n", line);
  g_failed = 1;
}
#define EXPECT(condition) expect(condition, __LINE__)

static void ranges(void) {
  char* block = malloc(16);
  char* end = block + 16;
  memcpy(end, block, 0);
  memset(end, 1, 0);
  memmove(block, end, 0);
  memset(block, 'a', 16);
  memcpy(block, block, 16);
  block[3] = 'x';
  EXPECT(memchr(block, 'x', SIZE_MAX) == block + 3);
  EXPECT(rawmemchr(block, 'x') == block + 3);
  EXPECT(memcmp(block, "aabbccddeeffgghhiijj", 20) < 0);
  EXPECT(strncmp(block, "b", 100) < 0);
  EXPECT(memccpy(block + 8, "yz;and much more", ';', 16) == block + 11);
  EXPECT(strnlen(block, 16) == 16);
  EXPECT(strndup(block, 2) != NULL);
  EXPECT(memcmp(mempcpy(block, "123", 3), "x", 1) == 0);
  free(block);
  memcpy(block, end, 0);
  memset(block, 1, 0);
}

static void strings(void) {
  char* block = malloc(6);
  strcpy(block, "hello");
  EXPECT(strlen(block) == 5);
  EXPECT(strchr(block, 'l') == block + 2 && strchr(block, 0) == block + 5);
  EXPECT(strrchr(block, 'l') == block + 3 && strchr(block, 'z') == NULL);
  EXPECT(strcmp(block, "hello") == 0 && strcmp(block, "hellp") < 0);
  EXPECT(strcasecmp(block, "HELLO") == 0 && strncasecmp(block, "HELxx", 3) == 0);
  EXPECT(strncmp(block, "hello there", 1000) < 0);
  strncpy(block, "abcdefgh", 6);
  EXPECT(memcmp(block, "abcdef", 6) == 0);
  strcpy(block, "ab");
  EXPECT(strcmp(strcat(block, "cde"), "abcde") == 0);
  strcpy(block, "ab");
  EXPECT(strcmp(strncat(block, "cdefgh", 3), "abcde") == 0);
  EXPECT(stpcpy(block, "abc") == block + 3);
  EXPECT(stpncpy(block, "a", 6) == block + 1);
  free(block);
}

// Were the text measured at each search, this would take hours.
static void many_searches(void) {
  const size_t size = 4 << 20;
  char* text = malloc(size);
  for (size_t i = 0; i < size; ++i) text[i] = i % 2 == 0 ? '.' : '\n';
  text[size - 1] = '\0';
  size_t lines = 0;
  for (char* at = text; (at = strchr(at, '\n')) != NULL; ++at) ++lines;
  EXPECT(lines == size / 2 - 1);
  free(text);
}

static void formats(void) {
  char* block = malloc(6);
  EXPECT(snprintf(block, 1000, "%d", 12345) == 5 && strcmp(block, "12345") == 0);
  EXPECT(snprintf(block, INT_MAX, "%s", "abc") == 3);
  EXPECT(snprintf(block, 6, "%s", "much too long") == 13 && strcmp(block, "much ") == 0);
  EXPECT(snprintf(NULL, 0, "%d", 12) == 2);
  EXPECT(sprintf(block, "%d", 99999) == 5);
  wchar_t* wide = malloc(6 * sizeof(wchar_t));
  EXPECT(swprintf(wide, 100, L"%d", 12345) == 5 && wcscmp(wide, L"12345") == 0);
  EXPECT(swprintf(wide, 3, L"%d", 12345) < 0);
  free(wide);
  free(block);
}

static void streams(void) {
  FILE* file = tmpfile();
  char* block = malloc(8);
  fputs("short\n1234567\nrest", file);
  rewind(file);
  EXPECT(fgets(block, 1000, file) == block && strcmp(block, "short\n") == 0);
  block[7] = 'k';
  EXPECT(fgets(block, 8, file) == block && strcmp(block, "1234567") == 0);
  EXPECT(fgets(block, 1000, file) == block && strcmp(block, "\n") == 0);
  block[7] = 'k';
  EXPECT(fgets(block, 1000, file) == block && strcmp(block, "rest") == 0);
  EXPECT(block[7] == 'k' && feof(file) != 0);
  EXPECT(fgets(block, 1000, file) == NULL && strcmp(block, "rest") == 0);
  rewind(file);
  EXPECT(fseek(file, 10, SEEK_SET) == 0);
  EXPECT(fread(block, 1, 1000, file) == 8 && memcmp(block, "567\nrest", 8) == 0);
  EXPECT(fread(block, 4, 250, file) == 0);
  free(block);
  fclose(file);
}

static void paths(void) {
  char folder[PATH_MAX], *block;
  EXPECT(getcwd(folder, sizeof folder) != NULL);
  block = malloc(strlen(folder) + 1);
  EXPECT(getcwd(block, PATH_MAX) == block && strcmp(block, folder) == 0);
  free(block);
  block = malloc(1);
  errno = 0;
  EXPECT(getcwd(block, 1) == NULL && errno == ERANGE);
  free(block);
  EXPECT((block = getcwd(NULL, 0)) != NULL && strcmp(block, folder) == 0);
  free(block);
  const ssize_t length = readlink("/proc/self/exe", folder, sizeof folder);
  block = malloc((size_t)length + 1);
  EXPECT(readlink("/proc/self/exe", block, PATH_MAX) == length);
  free(block);
  block = malloc(4);
  EXPECT(readlink("/proc/self/exe", block, 4) == 4);
  free(block);
  block = malloc(2);
  EXPECT(realpath("/", block) == block && strcmp(block, "/") == 0);
  free(block);
}

// Texts that end in no zero, of which no more is read than there is.
static void searches(void) {
  char* block = malloc(8);
  memcpy(block, "12,ab;34", 8);
  EXPECT(strstr(block, "ab;") == block + 3 && strstr(block, "34") == block + 6);
  EXPECT(strcspn(block, ";") == 5 && strspn(block, "0123456789") == 2);
  EXPECT(strpbrk(block, ";,") == block + 2);
  EXPECT(strtol(block, NULL, 10) == 12 && atoi(block) == 12);
  EXPECT(strtol(block + 3, NULL, 10) == 0 && strtod(block + 3, NULL) == 0);
  EXPECT(memmem(block, 1000, "ab", 2) == block + 3);
  char* rest = block;
  EXPECT(strcmp(strsep(&rest, ","), "12") == 0 && rest == block + 3);
  EXPECT(strcmp(strtok_r(NULL, ",;", &rest), "ab") == 0 && rest == block + 6);
  free(block);
  char* text = malloc(6);
  strcpy(text, "a,b,c");
  EXPECT(strcmp(strtok(text, ","), "a") == 0 && strcmp(strtok(NULL, ","), "b") == 0);
  EXPECT(strcmp(strtok(NULL, ","), "c") == 0 && strtok(NULL, ",") == NULL);
  EXPECT(strstr(text, "") == text && strcasestr(text, "A") == text);
  free(text);
  rest = NULL;
  EXPECT(strsep(&rest, ",") == NULL);
  // A match that begins in one piece of the search and ends in the next.
  char* longer = malloc(3001);
  for (int at = 0; at < 2990; ++at) {
    memset(longer, '.', 3000);
    longer[3000] = 0;
    memcpy(longer + at, "needle", 6);
    EXPECT(strstr(longer, "needle") == longer + at);
  }
  EXPECT(strstr(longer, "nothing") == NULL);
  free(longer);
}

static void arguments(void) {
  char line[100];
  char* block = malloc(4);
  memcpy(block, "abcd", 4);
  EXPECT(snprintf(line, sizeof line, "%.4s|%.*s|%.0s", block, 2, block, block) == 8);
  EXPECT(snprintf(line, sizeof line, "%d%%s %lld %s", 1, 2LL, "x") == 7);
  EXPECT(snprintf(line, sizeof line, "%2$s %1$d", 7, "seven") == 7);
  EXPECT(snprintf(line, sizeof line, "%s", (char*)NULL) == 6);
  EXPECT(sscanf("abc 7", "%3s", block) == 1 && strcmp(block, "abc") == 0);
  EXPECT(sscanf("abc 7", "%s", block) == 1 && strcmp(block, "abc") == 0);
  EXPECT(sscanf("12", "%s %d", block, (int*)line) == 1);
  EXPECT(sscanf("wxyz", "%4c%n", block, (int*)line) == 1 && block[3] == 'z');
  EXPECT(sscanf("  ", "%d %s", (int*)block, block) == EOF);
  char* made = NULL;
  EXPECT(sscanf("word", "%ms", &made) == 1 && strcmp(made, "word") == 0);
  free(made);
  free(block);
}

int main(void) {
  errno = 77;
  ranges();
  strings();
  searches();
  EXPECT(errno == 77);
  many_searches();
  formats();
  arguments();
  streams();
  paths();
  return g_failed;
}
