// A third block of a pool of two: the report says who has them.
//
// FINDING: pool_exhausted block_pool "connections"
//   where: third
//   text:  block_pool: all 2 blocks are in use: 2 at

#include <cstdio>
#include <vector>

#include "memoir/block_pool.h"

int main() {
  memoir::block_pool<int> pool{16, 2};
  pool.set_name("connections");
  std::vector<memoir::unique_buffer<int>> open;
  for (int i = 0; i < 2; ++i) open.push_back(pool.acquire());
  try {
    open.push_back(pool.acquire());  // mark: third
  } catch (const memoir::pool_exhausted&) {
    std::puts("no more");
  }
}
