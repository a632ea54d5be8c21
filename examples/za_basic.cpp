// Buffers from the default allocator: elements with a checked end, which convert to
// spans, and are freed when they go out of scope.

#include <algorithm>
#include <cstdio>
#include <span>

#include "memoir/ziggy.h"

// What any allocator can be asked for (ZA_E1, ZA_E13).
static void describe(const char* name, const memoir::allocator& memory) {
  std::printf("%s: single blocks can be freed: %s, %llu bytes allocated\n", name,
              memory.supports_individual_free() ? "yes" : "no",
              static_cast<unsigned long long>(memory.total_allocated_bytes()));
}

int main() {
  memoir::system_allocator memory;
  {
    auto numbers = memory.allocate<int>(100);  // ZA_E2
    numbers[0] = 42;
    const int value = numbers[0];
    std::span<int> all = numbers;
    std::ranges::fill(all, 123);
    std::printf("%d, then %d\n", value, numbers[99]);

    auto zeros = memory.allocate<int>(100, memoir::zero::yes);  // ZA_E3
    std::printf("zero: %d\n", *std::ranges::max_element(zeros));
    describe("system", memory);
  }
  describe("system", memory);
  {
    auto bytes = memory.allocate<std::byte>(1024);  // ZA_E10, ZA_E22
    bytes.zero();
  }  // freed here

  // One for everything, for the life of the program (ZA_E17).
  auto& everything = memoir::Z::default_allocator();
  auto numbers = everything.allocate<int>(1000);  // ZA_E23
  std::span<int> all = numbers;
  std::ranges::generate(all, [n = 1000]() mutable { return n--; });
  std::ranges::sort(all);
  for (std::size_t i = 1; i < numbers.size(); ++i) {  // ZA_E24: checked
    if (numbers[i - 1] > numbers[i]) std::puts("not sorted");
  }
  std::printf("%d to %d\n", numbers.front(), numbers.back());
}
