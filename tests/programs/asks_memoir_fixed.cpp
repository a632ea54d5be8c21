// The same from C++, in a program that lies where it was linked.
// COMPILE: -fno-pie
// LINK: -no-pie
#include <memoir/track.h>

#include <cstdio>
#include <cstdlib>

int main() {
  memoir_mark("fixed");
  void* made = std::malloc(10);
  memoir_block block;
  const int state = memoir_block_info(made, &block);
  std::printf("%d %d %zu\n", memoir_is_recording(), state, block.size);
  std::free(made);
}
