// Several resources in one scope, given up in reverse order, also when something fails.
// Rows: ZA-74, ZA-E35

#include <cstdio>
#include <stdexcept>

#include "memoir/ziggy.h"

class resource_manager {
 public:
  explicit resource_manager(memoir::allocation_context& context) : context_{context} {}

  void process_with_cleanup(bool fail) {
    auto defer = memoir::deferred_cleanup_scope::start();
    auto first = acquire(defer, "first");
    auto second = acquire(defer, "second");
    second[0] = first[0];
    if (fail) throw std::runtime_error("it went wrong");
    std::puts("used both");
  }  // given up here

 private:
  memoir::slice<int> acquire(memoir::defer_scope& defer, const char* name) {
    auto memory = context_.allocate_slice_deferred<int>(defer, 64, memoir::zero::yes);
    std::printf("acquired %s\n", name);
    defer.defer([name] { std::printf("released %s\n", name); });
    return memory;
  }

  memoir::allocation_context& context_;
};

int main() {
  memoir::system_allocator system;
  memoir::allocation_context context{system};
  resource_manager manager{context};
  manager.process_with_cleanup(false);
  try {
    manager.process_with_cleanup(true);
  } catch (const std::runtime_error& error) {
    std::printf("%s, %llu bytes left\n", error.what(),
                static_cast<unsigned long long>(system.total_allocated_bytes()));
  }
}
