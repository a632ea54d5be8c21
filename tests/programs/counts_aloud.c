// Allocates until it is killed, and says after every block in a shared file how many
// there are: counts_aloud FILE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void* volatile kept;

int main(int argc, char** argv) {
  const int file = argc == 2 ? open(argv[1], O_CREAT | O_RDWR, 0600) : -1;
  if (file < 0 || ftruncate(file, 8) != 0) return 1;
  _Atomic uint64_t* count = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (count == MAP_FAILED) return 1;
  for (;;) {
    kept = malloc(16);
    atomic_fetch_add(count, 1);
    if (*count % 4 != 0) free(kept);
  }
}
