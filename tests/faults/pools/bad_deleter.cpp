// Memory with a deleter that throws, and memory without any deleter.
//
// FINDING: bad_deleter buffer
//   where: throws
//   alloc: first
//   free:  throws
//   text:  the deleter threw: device is gone
// FINDING: bad_deleter buffer
//   where: forgotten
//   alloc: second
//   free:  forgotten
//   text:  there is no deleter: the memory is not freed

#include <cstdio>
#include <functional>
#include <stdexcept>

#include "memoir/buffer/unique_buffer.h"

int main() {
  static int memory[2][8];
  auto fails = [](int*) { throw std::runtime_error("device is gone"); };
  memoir::unique_buffer<int> first(memory[0], 8, fails);  // mark: first
  std::function<void(int*)> nothing;
  memoir::unique_buffer<int> second(memory[1], 8, nothing);  // mark: second
  first.reset();                                             // mark: throws
  second.reset();                                            // mark: forgotten
  std::puts("done");
}
