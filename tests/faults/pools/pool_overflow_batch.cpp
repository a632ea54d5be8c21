// A reader that writes behind the end of its batch: found when it is done.
//
// FINDING: pool_overflow double_buffer
//   where: done
//   alloc: made
//   late
//   text:  written 4 bytes after the end of a block of 40 bytes

#include <cstdio>
#include <optional>

#include "memoir/stream/double_buffer.h"

int main() {
  memoir::double_buffer<int> buffers(10);  // mark: made
  auto batch = buffers.begin_write();
  batch.push(1);
  std::move(batch).publish();
  auto read = buffers.read_next();
  read->items().data()[11] = 1;
  {
    memoir::site_scope scope;  // mark: done
    read.reset();
  }
  std::puts("done");
}
