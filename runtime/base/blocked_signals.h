#pragma once

// No handler of the program runs in this thread while such an object lives: one that left
// by longjmp would leave behind what was half done. Faults are not held up.
//
// Thread safety and signals: safe anywhere; errno is left alone.

#include <signal.h>

#include <cstdint>

#include "base/raw_syscall.h"

namespace memoir {

class BlockedSignals {
 public:
  BlockedSignals() {
    const std::uint64_t all = ~std::uint64_t{0};
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before_, sizeof before_);
  }
  ~BlockedSignals() {
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, 0, sizeof before_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  std::uint64_t before_ = 0;
};

}  // namespace memoir
