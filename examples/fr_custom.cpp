// A pool of one's own that keeps up to 128 idle buffers of each size, and a cache on top
// of it: entries take their memory from the pool and give it back when they are evicted.
// Rows: FR-E1

#include <cstdio>
#include <cstring>
#include <list>
#include <string_view>

#include "memoir/sized_pool.h"

int main() {
  memoir::sized_pool pool{128};
  {
    auto buffer = pool.acquire(8192);
    buffer[0] = std::byte{42};
    std::printf("%zu bytes, the first is %d\n", buffer.size(),
                std::to_integer<int>(buffer[0]));
  }

  std::list<memoir::pooled_bytes> cache;
  for (int i = 0; i < 100; ++i) {
    const std::string_view page = "a page that somebody asked for";
    auto entry = pool.acquire(page.size());
    std::memcpy(entry.data(), page.data(), page.size());
    cache.push_front(std::move(entry));
    if (cache.size() > 10) cache.pop_back();
  }
  const memoir::pool_stats stats = pool.stats();
  std::printf("%llu entries came, %llu blocks were needed for them\n",
              static_cast<unsigned long long>(stats.total_acquisitions - 1),
              static_cast<unsigned long long>(stats.growth_events - 1));
}
