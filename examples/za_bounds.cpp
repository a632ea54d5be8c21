// What is out of bounds is thrown, not written; what cannot be bytes does not compile.
// Rows: ZA-E9, ZA-E12

#include <cstdio>
#include <stdexcept>
#include <string>

#include "memoir/ziggy.h"

template <class T>
concept allocatable = requires(memoir::system_allocator& memory) {
  memory.allocate<T>(100);
};

static_assert(allocatable<int>);  // E12
static_assert(!allocatable<std::string>);

int main() {
  // The library would also print each of them on stderr in tracked builds.
  memoir::set_finding_listener(
      {[](const memoir::finding_report&, void*) { return false; }, nullptr});
  auto numbers = memoir::Z::default_allocator().allocate<int>(10);
  try {
    numbers[15] = 42;  // E9
    std::puts("written");
  } catch (const std::out_of_range& beyond) {
    std::printf("index 15 of 10: %s\n", beyond.what());
  }
  try {
    static_cast<void>(numbers.subspan(5, 6));
  } catch (const std::out_of_range&) {
    std::puts("a part that is not there");
  }
  try {
    numbers.copy_from(memoir::Z::default_allocator().allocate<int>(11));
  } catch (const std::length_error&) {
    std::puts("a source that is longer");
  }
  numbers.dispose();
  try {
    numbers[0] = 1;
  } catch (const std::logic_error& late) {
    std::printf("%s\n", late.what());
  }
}
