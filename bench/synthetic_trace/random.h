#pragma once

// xorshift: the same numbers in every run.

#include <cmath>
#include <cstdint>

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U | 1) {}

  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545f4914f6cdd1dU;
  }
  std::uint64_t below(std::uint64_t limit) { return (next() >> 11) % limit; }
  double part() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // As many of 10..20 as of 1,000..2,000.
  std::uint64_t log_between(double least, double most) {
    return static_cast<std::uint64_t>(least * std::exp(part() * std::log(most / least)));
  }

 private:
  std::uint64_t state_;
};
