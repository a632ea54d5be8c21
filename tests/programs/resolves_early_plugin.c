// A library that chooses a function when it is loaded, and needs libc for that: before
// libraries in front of it are ready.
#include <stdio.h>
#include <string.h>

static char g_chosen[16];

static int answer_short(void) { return 1; }
static int answer_long(void) { return 2; }

static int (*choose(void))(void) {
  volatile const char* name = "long one";
  memset(g_chosen, 'x', sizeof g_chosen);
  memcpy(g_chosen, (const char*)name, 9);
  memmove(g_chosen + 1, g_chosen, 9);
  const int is_long =
      strcmp(g_chosen + 1, "long one") == 0 && strlen(g_chosen) == 9 &&
      strchr(g_chosen, ' ') == g_chosen + 5 && strrchr(g_chosen, 'o') == g_chosen + 6 &&
      strncmp(g_chosen + 1, "long", 4) == 0 && memcmp(g_chosen + 1, "long", 4) == 0 &&
      memchr(g_chosen, 'n', 9) == g_chosen + 3;
  return is_long ? answer_long : answer_short;
}

int chosen_answer(void) __attribute__((ifunc("choose")));

__attribute__((constructor)) static void say(void) {
  char text[32];
  snprintf(text, sizeof text, "answer %d", chosen_answer());
  fputs(text, stderr);
}
