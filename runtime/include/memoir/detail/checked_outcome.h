#pragma once

// What functions return that may do less than they were asked to: where nobody looks at
// it, and something was left undone, data is lost. That is reported as dropped_data when
// the value ends, at the line of the call.

#include <cstddef>
#include <type_traits>

#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

// A number of bytes, or a bool; converts to it.
template <class Value>
class [[nodiscard]] checked_outcome {
 public:
  // `type`: a literal.
  checked_outcome(Value value, bool complete, const char* type, site where) noexcept
      : value_{value} {
    if constexpr (is_tracking) {
      if (!complete) pending_ = {type, where};
    }
  }
  checked_outcome(const checked_outcome&) = delete;
  checked_outcome& operator=(const checked_outcome&) = delete;
  ~checked_outcome() {
    if constexpr (is_tracking) {
      if (pending_.type != nullptr) {
        report(finding::dropped_data, pending_.type, pending_.where,
               "not everything was taken, and nobody looked at how much");
      }
    }
  }

  operator Value() const noexcept {
    if constexpr (is_tracking) pending_.type = nullptr;
    return value_;
  }

 private:
  struct unseen {
    const char* type = nullptr;
    [[no_unique_address]] site where{};
  };
  struct nothing {};
  Value value_;
  [[no_unique_address]] mutable std::conditional_t<is_tracking, unseen, nothing>
      pending_{};
};

}  // namespace detail
MEMOIR_END
