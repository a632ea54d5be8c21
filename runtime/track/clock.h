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

// Not 0 as long as the process has one thread (glibc 2.32 and later).
extern "C" char __libc_single_threaded __attribute__((weak));

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
  void use_tsc(bool yes) {
    tsc_ = yes;
    if (&__libc_single_threaded != nullptr) single_threaded_ = &__libc_single_threaded;
  }
  bool uses_tsc() const { return tsc_; }

  // RDTSCP waits for what stands before it: the time of a free is not taken before the
  // block was seen, nor that of an allocation before the block was there. Pairing across
  // threads rests on it; one thread's events are in order anyhow.
  MEMOIR_FAST_PATH std::uint64_t now() const {
    if (MEMOIR_UNLIKELY(!tsc_)) return monotonic_ns();
    if (*single_threaded_ != 0) return __rdtsc();
    unsigned processor;
    return __rdtscp(&processor);
  }

 private:
  static constexpr char kNeverKnown = 0;

  bool tsc_ = false;
  const char* single_threaded_ = &kNeverKnown;
};

}  // namespace memoir
