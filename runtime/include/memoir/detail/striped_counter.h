#pragma once

// A sum that many threads add to without getting into each other's way. Reading it costs
// a walk, and is exact only while nobody adds. Wraps around like an unsigned number, so
// that differences of two hold. Thread safety: any.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memoir/config.h"

MEMOIR_BEGIN
namespace detail {

// Threads take places one after another.
inline std::size_t stripe_of_thread() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

class striped_counter {
 public:
  void add(std::uint64_t value) noexcept {
    stripes_[stripe_of_thread() % stripes_.size()].sum.fetch_add(
        value, std::memory_order_relaxed);
  }
  std::uint64_t sum() const noexcept {
    std::uint64_t all = 0;
    for (const stripe& one : stripes_) all += one.sum.load(std::memory_order_relaxed);
    return all;
  }

 private:
  struct alignas(64) stripe {
    std::atomic<std::uint64_t> sum{0};
  };
  std::array<stripe, 16> stripes_{};
};

}  // namespace detail
MEMOIR_END
