#pragma once

// Ring 0 is written by the threads that have none of their own, one at a time.
//
// No signal handler runs meanwhile: one that left by longjmp would never give the ring
// back. Who was killed in here has lost it to the next: a task made by a bare
// clone(CLONE_VM) may die alone.
//
// Thread safety: any thread. errno is left alone.

#include "base/blocked_signals.h"

namespace memoir {

class SharedRingGuard {
 public:
  SharedRingGuard();
  ~SharedRingGuard();
  SharedRingGuard(const SharedRingGuard&) = delete;
  SharedRingGuard& operator=(const SharedRingGuard&) = delete;

  // False when the caller is in here already.
  explicit operator bool() const { return taken_; }

 private:
  const BlockedSignals blocked_;
  bool taken_ = false;
};

}  // namespace memoir
