// Everything that one job needs goes at once when the job is done.
// Rows: ZA-E4, ZA-E15, ZA-E36, ZA-70

#include <cstdio>
#include <stdexcept>

#include "memoir/scoped_allocator.h"

namespace {

// A pool of buffers on a scope is an arena: what was given back is not handed out again,
// so that it is for jobs that end, not for servers that go on (E36).
class job_buffers {
 public:
  template <class T>
  memoir::buffer<T> get(std::size_t count) {
    return scope_.allocate<T>(count);
  }
  std::uint64_t bytes() const { return scope_.total_allocated_bytes(); }

 private:
  memoir::scoped_allocator scope_;
};

}  // namespace

int main() {
  {
    memoir::scoped_allocator scope;  // E4
    auto numbers = scope.allocate<int>(100);
    auto values = scope.allocate<double>(50, memoir::zero::yes);
    numbers[99] = 7;
    std::printf("%d and %.0f, %llu bytes\n", numbers[99], values[49],
                static_cast<unsigned long long>(scope.total_allocated_bytes()));
    try {  // single blocks cannot be freed (E15)
      scope.free(nullptr);
    } catch (const std::logic_error&) {
      std::puts("all or nothing");
    }
  }  // both are gone

  job_buffers job;
  for (int i = 0; i < 3; ++i) {
    auto line = job.get<char>(1000);
    line[0] = 'x';
  }
  std::printf("3 buffers one after the other: %llu bytes\n",
              static_cast<unsigned long long>(job.bytes()));
}
