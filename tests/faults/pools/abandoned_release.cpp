// Memory is released from its buffer, and then nobody frees it.
//
// FINDING: abandoned_release buffer
//   where: released
//   alloc: made
//   text:  it was neither freed nor adopted

#include <cstdio>

#include "memoir/buffer/unique_buffer.h"

int main() {
  memoir::unique_buffer<int> samples(100);  // mark: made
  memoir::unique_buffer<int> kept(100);
  (void)samples.release();  // mark: released
  memoir::unique_buffer<int> again = kept.release().adopt();
  std::printf("%zu\n", again.size());
}
