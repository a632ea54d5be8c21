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
  std::uint64_t to_ns(SessionClock clock, std::uint64_t ticks) const {
    if (clock == SessionClock::kMonotonicNs) {
      return ticks > start_ns_ ? ticks - start_ns_ : 0;
    }
    const auto since = static_cast<std::int64_t>(ticks - before_.tsc);
    return natural(before_since_start_ + static_cast<double>(since) * ns_per_tick_);
  }
  // The time that so many ticks take.
  std::uint64_t span_ns(SessionClock clock, std::uint64_t ticks) const {
    if (clock == SessionClock::kMonotonicNs) return ticks;
    return natural(static_cast<double>(ticks) * ns_per_tick_);
  }
  // So many ticks take at least this time.
  std::uint64_t span_ticks(SessionClock clock, std::uint64_t ns) const {
    if (clock == SessionClock::kMonotonicNs || ns_per_tick_ <= 0) return ns;
    return natural(static_cast<double>(ns) / ns_per_tick_);
  }

 private:
  struct Measurement {
    std::uint64_t tsc = 0;
    std::uint64_t ns = 0;  // CLOCK_MONOTONIC
  };
  static Measurement take();
  // Ticks come from the program, and may be any.
  static std::uint64_t natural(double ns) {
    constexpr double kMost = 9e18;
    if (!(ns > 0)) return 0;
    return static_cast<std::uint64_t>(ns < kMost ? ns : kMost);
  }

  std::uint64_t start_ns_;
  Measurement before_;
  Measurement current_;
  // Of the two measurements; times between them are interpolated.
  double ns_per_tick_ = 0;
  double before_since_start_ = 0;
};

}  // namespace memoir
