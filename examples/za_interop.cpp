// Memory for a C function, by its address and length.
// Rows: ZA-74, ZA-E38

#include <cstdio>
#include <cstdlib>

#include "memoir/ziggy.h"

extern "C" {

struct native_struct {
  int id;
  double value;
};

static int by_value(const void* left, const void* right) {
  const double a = static_cast<const native_struct*>(left)->value;
  const double b = static_cast<const native_struct*>(right)->value;
  return a < b ? -1 : a > b;
}
}

int main() {
  memoir::allocation_context context;
  {
    auto defer = memoir::deferred_cleanup_scope::start();
    auto data = context.allocate_slice_deferred<native_struct>(defer, 1000);
    for (int i = 0; i < 1000; ++i) data[static_cast<std::size_t>(i)] = {i, 999.0 - i};
    std::qsort(data.ptr().raw(), data.length(), sizeof(native_struct), by_value);
    std::printf("%d has %.0f, %d has %.0f\n", data[0].id, data[0].value, data[999].id,
                data[999].value);
  }
  std::printf("%llu bytes left\n",
              static_cast<unsigned long long>(context.memory().total_allocated_bytes()));
}
