// All that a buffer can do.
// Rows: ZA-E8, ZA-E14

#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include "memoir/ziggy.h"

int main() {
  memoir::system_allocator memory;
  auto numbers = memory.allocate<int>(100, memoir::zero::yes);  // E8
  numbers[0] = 42;
  numbers[99] = 100;
  std::printf("length %zu, %zu bytes, ends %d and %d\n", numbers.length(),
              numbers.size_bytes(), numbers.front(), numbers.back());
  std::printf(
      "aligned: %s\n",
      reinterpret_cast<std::uintptr_t>(numbers.raw_pointer()) % 16 == 0 ? "yes" : "no");
  std::span<int> all = numbers;
  all[1] = 7;
  numbers.zero();
  numbers.fill(42);
  const std::array source{1, 2, 3};
  numbers.copy_from(source);
  auto other = memory.allocate<int>(100);
  other.copy_from(numbers);
  std::printf("%d %d %d %d\n", other[0], other[1], other[2], other[3]);
  int sum = 0;
  for (const int n : numbers.subspan(2, 3)) sum += n;
  std::printf("a part of it: %d\n", sum);

  auto moved = std::move(other);
  moved.dispose();
  std::printf("valid: %s, empty: %s\n", moved.valid() ? "yes" : "no",
              moved.empty() ? "yes" : "no");

  // Memory of somebody else, as a buffer (E14).
  std::vector<int> mine{1, 2, 3, 4};
  auto view = memoir::system_allocator::wrap(std::span{mine});
  view.fill(9);
  auto same = memoir::system_allocator::wrap_existing(mine.data(), mine.size());
  std::printf("wrapped: %d, owned: %s\n", same[3], same.owns() ? "yes" : "no");
}
