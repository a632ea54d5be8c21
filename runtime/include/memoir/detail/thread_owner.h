#pragma once

// For types that one thread at a time may use: tells when a second one does without
// having been handed the object (finding unsynchronized_use). Empty where tracking is
// off.

#include "memoir/finding.h"
#include "memoir/site.h"

#if MEMOIR_TRACKING
#include <atomic>
#include <cstdint>
#endif

MEMOIR_BEGIN
namespace detail {

class thread_owner {
 public:
#if MEMOIR_TRACKING
  // Belongs to the first thread that uses it. True: to the calling one; otherwise it was
  // reported, once for each strange thread in a row.
  bool used(const char* kind, const void* object, site where) const;
  // Whoever uses it next owns it. By the owner, before it gives the object away.
  void hand_over() noexcept { owner_.store(0, std::memory_order_release); }

  thread_owner() = default;
  thread_owner(const thread_owner&) noexcept {}
  thread_owner& operator=(const thread_owner&) noexcept {
    hand_over();
    return *this;
  }

 private:
  mutable std::atomic<std::uint64_t> owner_{0};
  mutable std::atomic<std::uint64_t> told_{0};
#else
  constexpr bool used(const char*, const void*, site) const { return true; }
  constexpr void hand_over() noexcept {}
#endif
};

// Reports something that is no pool's. Nothing where tracking is off.
#if MEMOIR_TRACKING
void report(finding kind, const char* type, site where, const char* text = "",
            const void* address = nullptr, std::size_t size = 0);
#else
constexpr void report(finding, const char*, site, const char* = "", const void* = nullptr,
                      std::size_t = 0) {}
#endif

}  // namespace detail
MEMOIR_END
