#pragma once

// The rest of tensor_stack.h: what is not the fast path, and what is refused.

#include "memoir/detail/tensor_stack.h"

MEMOIR_BEGIN
namespace detail {

inline void tensor_stack::throw_logic(const char* what) const {
  throw std::logic_error(std::string(type_) + ": " + what);
}

// The arena is not in the mode for tensors that come and go.
inline void tensor_stack::refuse(site where) const {
  if (mode_ == ended) {
    engine_.watch().report(finding::use_after_dispose, where, "it was freed before");
    throw_logic("it was freed before");
  }
  engine_.watch().report(finding::mode_conflict, where,
                         "its memory was reshaped, and must be reset before");
  throw_logic("reshaped memory must be reset before");
}

inline void tensor_stack::refuse(const element_count& count, site where) const {
  if (count.wrong == element_count::fault::bad_size) {
    engine_.watch().report(finding::bad_size, where, "a negative extent");
    throw std::invalid_argument(std::string(type_) + ": a negative extent");
  }
  engine_.watch().report(finding::size_overflow, where,
                         "the product of the extents does not fit");
  throw std::bad_array_new_length();
}

inline void tensor_stack::refuse_full(std::size_t bytes, site where) const {
  engine_.watch().report(finding::capacity_exceeded, where,
                         "it cannot grow, and has not that much room left", nullptr,
                         bytes);
  throw std::length_error(std::string(type_) + ": not enough room left");
}

inline result<arena_block> tensor_stack::try_allocate(const element_count& count,
                                                      site where) {
  if (mode_ != ready) refuse(where);
  owner_.used(type_, this, where);
  if (count.wrong == element_count::fault::bad_size) return errc::invalid_size;
  if (count.wrong == element_count::fault::overflow) return errc::size_overflow;
  try {
    const arena_block block = engine_.allocate(count.bytes, alignment_, where);
    if (!block) return errc::capacity_exceeded;
    used_ += count.count;
    return block;
  } catch (const std::bad_alloc&) {
    return errc::out_of_memory;
  }
}

// Throws where it may not be dropped, whatever the order.
inline void tensor_stack::check_droppable(const dropped_tensor& one, site where) {
  if (one.data == nullptr) {
    engine_.watch().report(finding::double_free, where, "the tensor was dropped before");
    throw_logic("the tensor was dropped before");
  }
  if constexpr (is_tracking) {
    if (!engine_.watch().is_live(one.data, one.number)) {
      engine_.watch().released(one.data, one.number, where);  // says what it is
      throw std::invalid_argument(std::string(type_) + ": no live tensor of this arena");
    }
  }
  if (!engine_.holds(one.data)) {
    throw std::invalid_argument(std::string(type_) + ": no live tensor of this arena");
  }
}

inline void tensor_stack::take_back(const dropped_tensor& one, site where) {
  const bool top = engine_.is_top(one.data, one.bytes);
  if (!top) engine_.drop_later(one.data, one.bytes);  // may throw
  source_.report_detached(one.data, where);
  engine_.watch().released(one.data, one.number, where);
  source_.block_ended();
  if (top) engine_.drop_top(one.data, one.bytes);
  used_ -= one.count;
}

[[gnu::noinline]] inline void tensor_stack::drop_one(dropped_tensor one, site where) {
  drop({&one, 1}, where);
}

// All or none. In whichever order they are given: the newest goes first.
inline void tensor_stack::drop(std::span<dropped_tensor> all, site where) {
  if (mode_ != ready) [[unlikely]]
    refuse(where);
  owner_.used(type_, this, where);
  for (const dropped_tensor& one : all) check_droppable(one, where);
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    return engine_.is_newer(a.data, b.data);
  });
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].data != all[i - 1].data) continue;
    engine_.watch().report(finding::double_free, where, "the same tensor twice",
                           all[i].data);
    throw_logic("the same tensor twice");
  }
  bool in_order = all.empty() || engine_.is_top(all[0].data, all[0].bytes);
  for (std::size_t i = 1; i < all.size() && in_order; ++i) {
    in_order = engine_.is_next_below(all[i - 1].data, all[i].data, all[i].bytes);
  }
  if (drops_ == drop_policy::strict_lifo && !in_order) {
    engine_.watch().report(finding::non_lifo_drop, where,
                           "there are newer tensors above it", all.back().data);
    throw_logic("tensors must be dropped newest first");
  }
  if (!in_order) engine_.reserve_waiting(all.size() + raw_blocks_);
  for (const dropped_tensor& one : all) take_back(one, where);
}

inline std::size_t tensor_stack::reset(site where) {
  if (mode_ == ended) refuse(where);
  owner_.used(type_, this, where);
  source_.report_detached(nullptr, where);
  const std::size_t live = engine_.reset(where);
  source_.block_ended();
  set_mode(ready);
  used_ = raw_blocks_ = 0;
  reshaped_ = {};
  reshaped_bytes_ = 0;
  return live;
}

inline bool tensor_stack::end(site where) {
  if (mode_ == ended) return false;
  source_.report_detached(nullptr, where);
  engine_.free_all(where);
  source_.block_ended();
  set_mode(ended);
  used_ = 0;
  return true;
}

inline arena_block tensor_stack::reshape(const element_count& count, std::size_t offset,
                                         site where) {
  if (mode_ == ended) refuse(where);
  owner_.used(type_, this, where);
  if (mode() == tensor_mode::stack) {
    engine_.watch().report(finding::mode_conflict, where,
                           "it has tensors, and must be reset before");
    throw_logic("an arena with tensors must be reset before");
  }
  if (count.wrong != element_count::fault::none) refuse(count, where);
  std::size_t needed = 0;
  if (__builtin_mul_overflow(offset, element_bytes_, &needed) ||
      __builtin_add_overflow(needed, count.bytes, &needed) || needed > kMostExtent) {
    refuse({0, 0, element_count::fault::overflow}, where);
  }
  engine_.watch().tell(pool_event::reshape, where, nullptr, count.bytes);
  if (mode_ == reshaped && needed <= reshaped_bytes_) return reshaped_;
  const std::size_t whole = std::max(needed, engine_.largest());
  if (!engine_.extendable() && needed > engine_.largest()) {
    engine_.watch().report(finding::out_of_bounds, where,
                           "a shape beyond the end of an arena that cannot grow", nullptr,
                           needed);
    throw std::out_of_range(std::string(type_) + ": a shape beyond the end");
  }
  const arena_block block = engine_.allocate(whole, alignment_, where);
  if (!block) refuse_full(whole, where);
  if (mode_ == reshaped) {  // larger than before: it moves
    std::memcpy(block.data, reshaped_.data, reshaped_bytes_);
    source_.report_detached(reshaped_.data, where);
    engine_.watch().released(reshaped_.data, reshaped_.number, where);
    source_.block_ended();
  }
  set_mode(reshaped);
  reshaped_ = block;
  reshaped_bytes_ = whole;
  return block;
}

inline void tensor_stack::reserve(std::size_t count, site where) {
  if (mode_ == ended) refuse(where);
  const std::size_t bytes = checked_capacity(type_, count, element_bytes_, where);
  if (!engine_.extendable() && bytes > engine_.left()) refuse_full(bytes, where);
  engine_.reserve(bytes, alignment_, where);
}

inline void* tensor_stack::allocate_raw(std::size_t bytes, std::size_t alignment,
                                        site where) {
  if (mode_ != ready) refuse(where);
  owner_.used(type_, this, where);
  if (bytes > kMostExtent) {
    engine_.watch().report(finding::size_overflow, where,
                           "more bytes than any memory has", nullptr, bytes);
    throw std::bad_array_new_length();
  }
  const std::size_t count = (bytes + element_bytes_ - 1) / element_bytes_;
  engine_.reserve_waiting(raw_blocks_ + 1);
  const arena_block block =
      engine_.allocate(count * element_bytes_, std::max(alignment, alignment_), where);
  if (!block) {
    engine_.watch().report(finding::capacity_exceeded, where,
                           "it cannot grow, and has not that much room left", nullptr,
                           bytes);
    throw std::bad_alloc();
  }
  ++raw_blocks_;
  used_ += count;
  return block.data;
}

// What is aligned more than the elements stays taken until the reset, because of the
// padding in front of it. Throws nothing: allocate_raw() made room for it to wait.
inline void tensor_stack::deallocate_raw(void* memory, std::size_t bytes,
                                         std::size_t alignment, site where) {
  owner_.used(type_, this, where);
  const std::size_t whole =
      (bytes + element_bytes_ - 1) / element_bytes_ * element_bytes_;
  const std::size_t count =
      engine_.watch().check_size(memory, whole, where) / element_bytes_;
  if (!engine_.watch().released(memory, where)) return;
  source_.block_ended();
  if (raw_blocks_ != 0) --raw_blocks_;
  used_ -= count;
  if (alignment > alignment_) return;
  if (engine_.is_top(memory, count * element_bytes_)) {
    engine_.drop_top(memory, count * element_bytes_);
  } else {
    engine_.drop_later(memory, count * element_bytes_);
  }
}

}  // namespace detail
MEMOIR_END
