// Says for itself how it is to be recorded, has an operator new of its own, and asks
// whether its blocks are of the checked heap.
#include <cstdio>
#include <cstdlib>
#include <new>

#include "memoir/track.h"

extern "C" const char* memoir_default_options(void) { return "mode=profile:ring_kib=64"; }

static int own_news = 0;

void* operator new(std::size_t size) {
  ++own_news;
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

int main() {
  int* volatile made = new int(7);
  const int state = memoir_block_info(made, nullptr);
  delete made;
  std::printf("recorded %d, checked %d, own new %d\n", memoir_is_recording(),
              state == MEMOIR_LIVE_BLOCK, own_news);
}
