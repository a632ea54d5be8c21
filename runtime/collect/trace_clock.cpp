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
}

std::uint64_t TraceClock::measured_ticks(SessionClock clock) const {
  return clock == SessionClock::kTsc ? current_.tsc : current_.ns;
}

std::uint64_t TraceClock::to_ns(SessionClock clock, std::uint64_t ticks) const {
  if (clock == SessionClock::kMonotonicNs)
    return ticks > start_ns_ ? ticks - start_ns_ : 0;
  if (current_.tsc <= before_.tsc) return current_.ns - start_ns_;
  const double rate = static_cast<double>(current_.ns - before_.ns) /
                      static_cast<double>(current_.tsc - before_.tsc);
  const double since =
      static_cast<double>(static_cast<std::int64_t>(ticks - before_.tsc)) * rate;
  const double ns = static_cast<double>(before_.ns - start_ns_) + since;
  return ns > 0 ? static_cast<std::uint64_t>(ns) : 0;
}

}  // namespace memoir
