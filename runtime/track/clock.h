#pragma once

// The clock of events: the processor's timestamp counter where it is invariant, the
// system's monotonic clock elsewhere. Nanoseconds are the collector's business.
//
// Thread safety: any thread; async-signal safe.

#include <cpuid.h>
#include <time.h>
#include <x86intrin.h>

#include <cstdint>

#include "base/compiler.h"

namespace memoir {

inline std::uint64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);  // vDSO; never fails, errno untouched
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// Whether the timestamp counter runs at one rate through all power states.
inline bool has_invariant_tsc() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1u << 8)) != 0;
}

class Clock {
 public:
  void use_tsc(bool yes) { tsc_ = yes; }
  bool uses_tsc() const { return tsc_; }

  // RDTSCP waits for what stands before it: the time of a free is not taken before the
  // block was seen, nor that of an allocation before the block was there. Pairing across
  // threads rests on it.
  MEMOIR_FAST_PATH std::uint64_t now() const {
    if (MEMOIR_LIKELY(tsc_)) {
      unsigned processor;
      return __rdtscp(&processor);
    }
    return monotonic_ns();
  }

 private:
  bool tsc_ = false;
};

}  // namespace memoir
