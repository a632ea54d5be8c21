#pragma once

// Tells when two threads change one object at the same time (unsynchronized_use). Who
// comes second is refused, so that the object stays whole. Empty where tracking is off.

#include <atomic>
#include <utility>

#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

template <bool Tracking>
class basic_exclusive_use {
 public:
  // True: the caller may go on; leave() is called when the object this returns ends.
  struct entry {
    constexpr explicit operator bool() const { return true; }
  };
  constexpr entry enter(const char*, const void*, site) const { return {}; }
};

template <>
class basic_exclusive_use<true> {
 public:
  class [[nodiscard]] entry {
   public:
    entry(std::atomic<const void*>* inside, bool open) : inside_{inside}, open_{open} {}
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry() {
      if (inside_ != nullptr) inside_->store(nullptr, std::memory_order_release);
    }
    explicit operator bool() const { return open_; }

   private:
    std::atomic<const void*>* inside_;
    bool open_;
  };

  basic_exclusive_use() = default;
  // Another object, that nobody uses yet.
  basic_exclusive_use(const basic_exclusive_use&) noexcept {}
  basic_exclusive_use& operator=(const basic_exclusive_use&) noexcept { return *this; }

  entry enter(const char* type, const void* object, site where) const {
    thread_local constinit char me = 0;
    const void* inside = nullptr;
    if (inside_.compare_exchange_strong(inside, &me, std::memory_order_acquire)) {
      return {&inside_, true};
    }
    // A deleter that looks at the buffer it is called from.
    if (inside == &me) return {nullptr, true};
    report(finding::unsynchronized_use, type, where,
           "another thread is changing it at this moment", object);
    return {nullptr, false};
  }

 private:
  mutable std::atomic<const void*> inside_{nullptr};
};

using exclusive_use = basic_exclusive_use<is_tracking>;

}  // namespace detail
MEMOIR_END
