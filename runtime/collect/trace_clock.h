#pragma once

// Ticks of a session to nanoseconds since the trace began. The timestamp counter is
// measured against CLOCK_MONOTONIC again and again, and ticks between two measurements
// are interpolated: no frequency needs to be known, and time never runs backwards.
//
// Thread safety: one thread.

#include <cstdint>

#include "wire/session_memory.h"

namespace memoir {

class TraceClock {
 public:
  // The trace begins now.
  TraceClock();

  // Measures. What is in the rings before a measurement is older than it.
  void measure();

  // The last measurement, in ticks of a session's clock, and in ns of the trace.
  std::uint64_t measured_ticks(SessionClock clock) const;
  std::uint64_t measured_ns() const { return current_.ns - start_ns_; }

  // Nanoseconds since the trace began; 0 for what is older.
  std::uint64_t to_ns(SessionClock clock, std::uint64_t ticks) const;

 private:
  struct Measurement {
    std::uint64_t tsc = 0;
    std::uint64_t ns = 0;  // CLOCK_MONOTONIC
  };
  static Measurement take();

  std::uint64_t start_ns_;
  Measurement before_;
  Measurement current_;
};

}  // namespace memoir
