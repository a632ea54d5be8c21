// Buffers from the default allocator: elements with a checked end, which convert to
// spans, and are freed when they go out of scope.
// Rows: ZA-1, ZA-14, ZA-62, ZA-73, ZA-E1, ZA-E2, ZA-E3, ZA-E10, ZA-E13, ZA-E17, ZA-E22
// Rows: ZA-E23, ZA-E24

#include <algorithm>
#include <cstdio>
#include <span>

#include "memoir/ziggy.h"

// What any allocator can be asked (E1, E13).
static void describe(const char* name, const memoir::allocator& memory) {
  std::printf("%s: single blocks can be freed: %s, %llu bytes allocated\n", name,
              memory.supports_individual_free() ? "yes" : "no",
              static_cast<unsigned long long>(memory.total_allocated_bytes()));
}

int main() {
  memoir::system_allocator memory;
  {
    auto numbers = memory.allocate<int>(100);  // E2
    numbers[0] = 42;
    const int value = numbers[0];
    std::span<int> all = numbers;
    std::ranges::fill(all, 123);
    std::printf("%d, then %d\n", value, numbers[99]);

    auto zeros = memory.allocate<int>(100, memoir::zero::yes);  // E3
    std::printf("zero: %d\n", *std::ranges::max_element(zeros));
    describe("system", memory);
  }
  describe("system", memory);
  {
    auto bytes = memory.allocate<std::byte>(1024);  // E10, E22
    bytes.zero();
  }  // freed here

  // One for everything, for the life of the program (E17).
  auto& everything = memoir::Z::default_allocator();
  auto numbers = everything.allocate<int>(1000);  // E23
  std::span<int> all = numbers;
  std::ranges::generate(all, [n = 1000]() mutable { return n--; });
  std::ranges::sort(all);
  for (std::size_t i = 1; i < numbers.size(); ++i) {  // E24: checked
    if (numbers[i - 1] > numbers[i]) std::puts("not sorted");
  }
  std::printf("%d to %d\n", numbers.front(), numbers.back());
}
