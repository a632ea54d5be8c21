#pragma once

// The memory of a thread's own stack: the only memory a walk may read without asking.

#include <cstdint>

namespace memoir {

struct StackBounds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;  // one past the last byte

  bool contains(std::uint64_t address, std::uint64_t bytes) const {
    return address >= low && address < high && high - address >= bytes;
  }
};

// The calling thread's stack. It grows: its low end is the limit it may grow to. Empty
// when the thread stands on another stack, or it cannot be told.
//
// Calls nothing of libc that allocates or locks: an allocator that maps memory under its
// own lock may be our caller.
StackBounds current_stack_bounds();

}  // namespace memoir
