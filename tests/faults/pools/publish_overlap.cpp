// The halves of a double buffer are swapped while one is being read; and a second batch
// is begun while one is being written.
//
// FINDING: publish_overlap double_buffer
//   where: swapped
//   text:  swapped while somebody reads or writes
// FINDING: publish_overlap double_buffer
//   where: second
//   text:  a batch is being written already

#include <cstdio>
#include <stdexcept>

#include "memoir/stream/double_buffer.h"

int main() {
  memoir::double_buffer<int> buffers{4};
  {
    auto batch = buffers.begin_write();
    batch.push(1);
    std::move(batch).publish();
  }
  auto reading = buffers.read_next();
  try {
    buffers.swap();  // mark: swapped
  } catch (const std::logic_error& refused) {
    std::puts(refused.what());
  }
  auto writing = buffers.begin_write();
  try {
    auto other = buffers.begin_write();  // mark: second
  } catch (const std::logic_error& refused) {
    std::puts(refused.what());
  }
  std::printf("%d\n", reading->items()[0]);
}
