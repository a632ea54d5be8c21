#pragma once

// How often the calling thread has asked the heap for memory through operator new. The
// test programs replace it (heap_count_test.cpp), which is what makes "this does not
// allocate" a claim that can fail.

#include <cstddef>

namespace memoir {

std::size_t heap_allocations() noexcept;

// What all threads got and did not free.
std::ptrdiff_t heap_live_blocks() noexcept;

// While it lives, operator new has memory for the calling thread so often, then none.
class failing_heap {
 public:
  explicit failing_heap(std::size_t after) noexcept;
  ~failing_heap();
  failing_heap(const failing_heap&) = delete;
  failing_heap& operator=(const failing_heap&) = delete;
};

}  // namespace memoir
