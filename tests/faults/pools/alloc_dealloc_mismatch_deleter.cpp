// An array is given to a buffer with the deleter of single objects.
//
// FINDING: alloc_dealloc_mismatch released_buffer
//   where: mixed
//   text:  std::default_delete<T> frees one object, not an array

#include <cstdio>
#include <memory>

#include "memoir/buffer/unique_buffer.h"

int main() {
  std::default_delete<int> single;
  memoir::released_buffer<int> mixed(new int[8], 8, single);  // mark: mixed
  delete[] mixed.detach();
  memoir::unique_buffer<int> right(new int[8], 8, std::default_delete<int[]>{});
  std::puts("done");
}
