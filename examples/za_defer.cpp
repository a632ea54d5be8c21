// Cleanups that run at the end of a scope, in reverse order, whatever happens.
// Rows: ZA-E18

#include <cstdio>
#include <stdexcept>

#include "memoir/ziggy.h"

int main() {
  auto& memory = memoir::Z::default_allocator();
  {
    auto scope = memoir::defer_scope::start();
    scope.defer([] { std::puts("first in, last out"); });
    auto numbers = memoir::allocate_deferred<int>(memory, scope, 100);
    auto single = memoir::allocate_deferred<double>(memory, scope, memoir::zero::yes);
    numbers.fill(3);
    *single += numbers[99];
    scope.defer([] { std::puts("last in, first out"); });
    std::printf("%zu deferred, %llu bytes, %.1f\n", scope.count(),
                static_cast<unsigned long long>(memory.total_allocated_bytes()), *single);
  }
  std::printf("%llu bytes\n",
              static_cast<unsigned long long>(memory.total_allocated_bytes()));

  memoir::defer_scope scope;
  scope.defer([] { std::puts("runs all the same"); });
  scope.defer([] { throw std::runtime_error("failed"); });
  try {
    scope.run();
  } catch (const std::runtime_error& error) {
    std::printf("then: %s\n", error.what());
  }
}
