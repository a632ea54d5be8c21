// Indexes, parts, sources and wrapped memory that go beyond the end.
//
// FINDING: out_of_bounds buffer
//   where: index
// FINDING: out_of_bounds buffer
//   where: part
// FINDING: out_of_bounds buffer
//   where: source
//   text:  longer than the buffer
// FINDING: out_of_bounds buffer
//   where: wrapped
//   text:  more elements are wrapped than the block holds

#include <array>
#include <cstdio>
#include <stdexcept>

#include "memoir/system_allocator.h"

template <class Action>
static void refused(Action action) {
  try {
    action();
    std::puts("done");
  } catch (const std::logic_error& error) {
    std::puts(error.what());
  }
}

int main() {
  memoir::system_allocator memory;
  auto numbers = memory.allocate<int>(10);
  const std::array<int, 11> longer{};
  refused([&] { numbers[15] = 42; });                                 // mark: index
  refused([&] { static_cast<void>(numbers.subspan(5, 6)); });         // mark: part
  refused([&] { numbers.copy_from(longer); });                        // mark: source
  refused([&] { memory.wrap_existing(numbers.data(), 11).data(); });  // mark: wrapped
}
