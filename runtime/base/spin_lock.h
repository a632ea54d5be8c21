#pragma once

// A lock for a few instructions, on the tracee side. It is valid when all zero and needs
// no runtime. Never held across a call into libc or the program.

#include <atomic>

#include "base/raw_syscall.h"

namespace memoir {

class SpinLock {
 public:
  void lock() {
    while (!try_lock()) raw_syscall(SYS_sched_yield);
  }
  bool try_lock() { return !held_.exchange(true, std::memory_order_acquire); }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
  ~SpinGuard() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace memoir
