// What can be done with a lent buffer.
// Rows: FR-E3

#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "memoir/sized_pool.h"

int main() {
  memoir::sized_pool pool;
  auto buffer = pool.acquire(4096);
  std::memcpy(buffer.data(), "text", 4);
  buffer.resize(2048);
  std::printf("%zu bytes, room for %zu\n", buffer.size(), buffer.capacity());
  buffer.resize(10000);  // moves to a larger block; what is new is zero
  std::printf("%zu bytes: %.4s, then %d\n", buffer.size(),
              reinterpret_cast<const char*>(buffer.data()),
              std::to_integer<int>(buffer[9999]));
  buffer.clear();
  std::printf("%s, room for %zu\n", buffer.empty() ? "empty" : "not empty",
              buffer.capacity());
  // A mistake, and what it is told as where tracking is on; see the line on stderr then.
  try {
    buffer[0] = std::byte{1};
  } catch (const std::out_of_range&) {
    std::puts("there is no byte 0");
  }
}
