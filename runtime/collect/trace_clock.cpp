#include "collect/trace_clock.h"

#include <time.h>
#include <x86intrin.h>

namespace memoir {

TraceClock::Measurement TraceClock::take() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  unsigned processor;
  return {__rdtscp(&processor), static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
                                    static_cast<std::uint64_t>(now.tv_nsec)};
}

TraceClock::TraceClock() : before_(take()) {
  current_ = before_;
  start_ns_ = before_.ns;
}

void TraceClock::measure() {
  constexpr std::uint64_t kLeastSpanNs = 1'000'000;
  const Measurement now = take();
  // Too close to each other, two measurements would give a poor rate.
  if (current_.ns - before_.ns >= kLeastSpanNs) before_ = current_;
  current_ = now;
  before_since_start_ = static_cast<double>(before_.ns - start_ns_);
  if (current_.tsc > before_.tsc) {
    ns_per_tick_ = static_cast<double>(current_.ns - before_.ns) /
                   static_cast<double>(current_.tsc - before_.tsc);
  }
}

std::uint64_t TraceClock::measured_ticks(SessionClock clock) const {
  return clock == SessionClock::kTsc ? current_.tsc : current_.ns;
}

}  // namespace memoir
