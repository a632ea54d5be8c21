// Children of vfork that allocate and free before they go: in their parent's memory, so
// these are its parent's blocks.
// EVENTS: free 40
// EXIT: 5
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;

int main(void) {
  for (int i = 0; i < 20; ++i) {
    void* volatile block = malloc(50);  // ALLOC: malloc 20 x 50
    const pid_t pid = vfork();
    if (pid == 0) {
      free(block);
      free(malloc(60));   // ALLOC: malloc 20 x 60
      kept = malloc(70);  // ALLOC: malloc 20 x 70, leaked 20
      _exit(3);
    }
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 3) return 1;
  }
  return 5;
}
