// Uses a pool as it should, writes one byte beyond a block, or one into a block that it
// has given back.
//
// LIBRARIES: memoir_alloc
// COMPILE: -DMEMOIR_TRACKING=1

#include <cstdio>
#include <cstring>
#include <string_view>

#include "memoir/block_pool.h"

int main(int count, char** words) {
  const std::string_view what = count > 1 ? words[1] : "clean";
  memoir::block_pool<char> pool(24, 4);
  for (int i = 0; i < 10; ++i) {
    auto one = pool.acquire();
    auto two = pool.acquire();
    std::memset(one.data(), i, 24);
    std::memset(two.data(), i, 24);
  }
  auto block = pool.acquire();
  volatile char* bytes = block.data();
  if (what == "beyond") bytes[24] = 1;
  block.reset();
  if (what == "returned") bytes[3] = 1;
  std::puts("kept");
}
