#pragma once

// Memory for what the runtime knows about other memory: handed out once, never taken
// back. Lies apart from everything the program uses, so that its overflows do not reach
// it.
//
// Thread safety: any thread, with signals blocked (it holds a lock). Valid when all zero.

#include <cstddef>
#include <cstdint>

#include "base/pages.h"
#include "base/spin_lock.h"

namespace memoir {

class MetadataArena {
 public:
  // Zeroed, aligned to 64 bytes; nullptr when the kernel refuses. Pages that nobody
  // touches cost nothing.
  void* allocate(std::size_t bytes);

  SpinLock& lock() { return lock_; }

 private:
  SpinLock lock_;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace memoir
