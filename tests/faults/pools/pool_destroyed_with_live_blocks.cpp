// A pool ends while buffers of it are still there. They stay good, and the memory goes
// with the last of them.
//
// FINDING: pool_destroyed_with_live_blocks block_pool "frames"
//   where: end
//   alloc: made
//   text:  2 live blocks, 2000 bytes in all

#include <cstdio>
#include <optional>
#include <vector>

#include "memoir/block_pool.h"

int main() {
  std::optional<memoir::block_pool<char>> pool;
  pool.emplace(std::size_t{1000}, std::size_t{4});
  pool->set_name("frames");
  std::vector<memoir::unique_buffer<char>> kept;
  for (int i = 0; i < 2; ++i) kept.push_back(pool->acquire());  // mark: made
  {
    MEMOIR_SITE_SCOPE();  // mark: end
    pool.reset();
  }
  kept[1][999] = 'x';
  kept.clear();
  std::puts("done");
}
