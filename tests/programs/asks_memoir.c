// Uses all of memoir/track.h. An argument says whether Memoir is expected: absent,
// profile, or check. Ends with the number of the line where something was not as
// expected.
#include <errno.h>
#include <execinfo.h>
#include <memoir/track.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPECT(condition)            \
  do {                               \
    if (!(condition)) {              \
      printf("line %d\n", __LINE__); \
      exit(1);                       \
    }                                \
  } while (0)
#define APART __attribute__((noinline))

static APART void* make_recorded(void) { return malloc(111); }
static APART void* make_unrecorded(void) { return malloc(222); }

static void* make_in_thread(void* made) {
  *(void**)made = malloc(333);
  return NULL;
}

static void pauses(void) {
  char* first = make_recorded();
  memoir_pause();
  memoir_pause();
  char* second = make_unrecorded();
  memoir_resume();
  void* third = NULL;
  pthread_t thread;
  pthread_create(&thread, NULL, make_in_thread, &third);
  pthread_join(thread, NULL);
  free(make_unrecorded());
  free(first);  // recorded: it was made before
  memoir_resume();
  memoir_resume();  // one too many
  EXPECT(make_recorded() != NULL);
  EXPECT(second != NULL && third != NULL);
}

static APART char* make_checked(void) { return malloc(20); }

static void checks(void) {
  memoir_block block;
  char local = 0;
  EXPECT(memoir_check_all() == 0);
  EXPECT(memoir_block_info(&local, &block) == MEMOIR_NO_BLOCK && block.size == 0);
  EXPECT(memoir_check_block(&local) == -1);
  EXPECT(memoir_allocation_stack(&local, NULL, 0) == 0);
  char* made = make_checked();
  EXPECT(memoir_block_info(made + 5, &block) == MEMOIR_LIVE_BLOCK);
  EXPECT(block.begin == made && block.size == 20 && block.offset == 5);
  EXPECT(block.number != 0 && block.alloc_thread == 1 && block.free_thread == 0);
  EXPECT(memoir_block_info(made + 21, &block) == MEMOIR_LIVE_BLOCK && block.offset == 21);
  EXPECT(memoir_block_info(made, NULL) == MEMOIR_LIVE_BLOCK);
  void *frames[64] = {NULL}, *here[64];
  const size_t depth = memoir_allocation_stack(made, frames, 64);
  const int own = backtrace(here, 64);
  // make_checked, checks, main and so on: all but the first are this function's.
  EXPECT(depth >= 4 && depth == (size_t)own + 1);
  EXPECT(memcmp(frames + 2, here + 1, ((size_t)own - 1) * sizeof(void*)) == 0);
  EXPECT(memoir_allocation_stack(made, frames, 1) == depth);

  EXPECT(memoir_check_block(made) == 0);
  ((volatile char*)made)[20] = 'x';
  EXPECT(memoir_check_block(made + 3) == 1);
  EXPECT(memoir_check_block(made) == 0);  // it was mended
  ((volatile char*)made)[22] = 'x';
  EXPECT(memoir_check_all() == 1 && memoir_check_all() == 0);
  free(made);
  EXPECT(memoir_block_info(made, &block) == MEMOIR_FREED_BLOCK && block.free_thread == 1);
  ((volatile char*)made)[3] = 'x';
  EXPECT(memoir_check_block(made) == 1);
}

int main(int count, char** words) {
  (void)count;
  const char* mode = words[1];
  errno = 33;
  memoir_mark("begin");
  for (int i = 0; i < 1000; ++i) memoir_mark(i % 2 == 0 ? "even" : "odd");
  char longest[1000];
  memset(longest, 'l', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  memoir_mark(longest);
  memoir_mark(NULL);
  pauses();
  EXPECT(memoir_is_recording() == (strcmp(mode, "absent") != 0));
  if (strcmp(mode, "check") == 0) {
    checks();
  } else {
    memoir_block block;
    char* made = make_checked();
    EXPECT(memoir_check_block(made) == -1 && memoir_check_all() == 0);
    EXPECT(memoir_block_info(made, &block) == MEMOIR_NO_BLOCK && block.begin == NULL);
    EXPECT(memoir_allocation_stack(made, NULL, 0) == 0);
  }
  EXPECT(errno == 33);
  const pid_t child = fork();
  if (child == 0) {
    memoir_mark("in the child");
    memoir_mark("even");
    _exit(0);
  }
  waitpid(child, NULL, 0);
  memoir_mark("end");
  puts("done");
  return 0;
}
