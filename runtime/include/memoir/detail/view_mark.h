#pragma once

// What a view remembers of the buffer it looks at, so that its use after the buffer's end
// is told: the control block, which it keeps, and the number of the block. Empty where
// tracking is off.

#include "memoir/config.h"
#include "memoir/detail/buffer_handle.h"

MEMOIR_BEGIN
namespace detail {

template <bool Tracking>
class basic_view_mark {
 public:
  constexpr basic_view_mark() = default;
  constexpr explicit basic_view_mark(const buffer_handle&) noexcept {}
  constexpr bool check(site) const { return true; }
};

template <>
class basic_view_mark<true> {
 public:
  basic_view_mark() = default;
  explicit basic_view_mark(const buffer_handle& handle) noexcept {
    if (!handle.holds_block()) return;
    owner_ = owner_ref<>::share(&handle.owner());
    block_ = handle.data();
    number_ = handle.number();
  }
  // Whether the block is still the one that was looked at; otherwise that is reported.
  bool check(site where) const {
    return !owner_ || owner_->watch().check(block_, number_, where);
  }

 private:
  owner_ref<> owner_;
  const void* block_ = nullptr;
  [[no_unique_address]] block_number number_{};
};

using view_mark = basic_view_mark<is_tracking>;

}  // namespace detail
MEMOIR_END
