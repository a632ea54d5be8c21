// Writes before the begin of a block, of every kind, by the program's own instructions.
//
// FAULT: heap buffer underflow: write of 1 byte, 1 byte before a 10-byte block
//   alloc: malloc: main@malloc
//   found: free: main@malloc_freed
// FAULT: heap buffer underflow: write of up to 8 bytes, 8 bytes before a 100-byte block
//   alloc: calloc: main@calloc
//   found: free: main@calloc_freed
// FAULT: heap buffer underflow: write of up to 4 bytes, 4 bytes before a 300-byte block
//   alloc: realloc: main@realloc
//   found: free: main@realloc_freed
// FAULT: heap buffer underflow: write of up to 12 bytes, 12 bytes before a 40-byte block
//   alloc: operator new: main@new
//   found: operator delete(size): main@new_freed
// FAULT: heap buffer underflow: write of up to 2 bytes, 2 bytes before a 14-byte block
//   alloc: operator new[]: main@array
//   found: operator delete[]: main@array_freed
// FAULT: heap buffer underflow: write of 1 byte, 16 bytes before a 128-byte block
//   alloc: aligned_alloc: main@aligned
//   found: free: main@aligned_freed
// FAULT: heap buffer underflow: write of 1 byte, 1 byte before a 256-byte block
//   alloc: operator new(align): main@new_aligned
//   found: operator delete(align): main@new_aligned_freed
// FAULT: heap buffer underflow: write of 1 byte, 5 bytes before a 77-byte block
//   alloc: malloc: main@moved
//   found: realloc: main@moving
#include <cstdlib>
#include <new>

namespace {

struct Forty {
  char bytes[40];
};

[[gnu::noinline]] char* clear(void* block, long from, long bytes) {
  auto* first = static_cast<volatile char*>(block) + from;
  for (long i = 0; i < bytes; ++i) first[i] = '\0';
  return static_cast<char*>(block);
}

}  // namespace

int main() {
  void* block = clear(std::malloc(10), -1, 1);  // mark: malloc
  std::free(block);                             // mark: malloc_freed
  block = clear(std::calloc(4, 25), -8, 8);     // mark: calloc
  std::free(block);                             // mark: calloc_freed
  block = std::malloc(10);
  block = clear(std::realloc(block, 300), -4, 4);  // mark: realloc
  std::free(block);                                // mark: realloc_freed
  auto* object = new Forty;                        // mark: new
  clear(object, -12, 12);
  delete object;               // mark: new_freed
  auto* words = new short[7];  // mark: array
  clear(words, -2, 2);
  delete[] words;                                      // mark: array_freed
  block = clear(std::aligned_alloc(64, 128), -16, 1);  // mark: aligned
  std::free(block);                                    // mark: aligned_freed
  const std::align_val_t alignment{256};
  block = clear(::operator new(256, alignment), -1, 1);  // mark: new_aligned
  ::operator delete(block, alignment);                   // mark: new_aligned_freed
  block = clear(std::malloc(77), -5, 1);                 // mark: moved
  block = std::realloc(block, 90);                       // mark: moving
  std::free(block);
  return 0;
}
