#pragma once

// Threads by a number that is never used again, unlike std::thread::id. From 1.

#include <atomic>
#include <cstdint>

namespace memoir::records {

inline std::uint64_t thread_number() {
  static std::atomic<std::uint64_t> next{1};
  thread_local const std::uint64_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace memoir::records
