// Where a block lies is decided by what it holds and how much; the allocator says why.
// Rows: ZA-E7, ZA-E20, ZA-E28, ZA-E34

#include <cstdio>

#include "memoir/ziggy.h"

static void show(const memoir::hybrid_decision& made) {
  std::printf("%7zu %-6s -> %s (%s: %zu)\n", made.count, name_of(made.kind),
              name_of(made.tier), made.rule, made.threshold);
}

int main() {
  memoir::hybrid_allocator memory{memoir::Z::default_allocator()};  // E7, E20
  auto numbers = memory.allocate<int>(1000);
  show(memory.decide<int>(1000));

  auto small_bytes = memory.allocate<std::byte>(100);  // E28, E34
  auto large_bytes = memory.allocate<std::byte>(10000);
  auto few_doubles = memory.allocate<double>(100);
  auto many_doubles = memory.allocate<double>(1000);
  show(memory.decide<std::byte>(100));
  show(memory.decide<std::byte>(10000));
  // The design says three different things about 100 doubles; the table decides.
  show(memory.decide<double>(100));
  show(memory.decide<double>(1000));
  show(memory.decide<double>(1'000'000));

  auto within = memory.allocate_small<int>(4, memoir::zero::yes);
  within[3] = 4;
  std::printf("four ints: %s, %d\n", within.is_inline() ? "inline" : "elsewhere",
              within[3]);
  std::printf("%llu bytes\n",
              static_cast<unsigned long long>(memory.total_allocated_bytes()));
}
