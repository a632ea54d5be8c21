#pragma once

// How often the calling thread has asked the heap for memory through operator new. The
// test programs replace it (heap_count_test.cpp), which is what makes "this does not
// allocate" a claim that can fail.

#include <cstddef>

namespace memoir {

std::size_t heap_allocations() noexcept;

}  // namespace memoir
