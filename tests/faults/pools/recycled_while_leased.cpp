// The turn of a buffer has come again while its last user still has it.
//
// FINDING: recycled_while_leased round_robin_buffers
//   where: again
//   alloc: held
//   text:  was not given back

#include <cstdio>
#include <stdexcept>

#include "memoir/stream/round_robin_buffers.h"

int main() {
  memoir::round_robin_buffers buffers{2, 4096};
  auto held = buffers.get_next();  // mark: held
  buffers.get_next().release();
  try {
    auto again = buffers.get_next();  // mark: again
  } catch (const std::logic_error&) {
    std::puts("still lent");
  }
}
