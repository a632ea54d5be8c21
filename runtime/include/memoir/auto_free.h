#pragma once

// Gives memory that was taken out of a buffer back to its allocator at the end of a
// scope.
//
//   auto_free work{memory, memory.allocate<int>(100).release()};
//
// Complexity: that of allocator::free().
// Thread safety: one thread at a time.
// Errors: none; what free() throws is dropped, once it was reported.
// Findings: double_free, double_return, invalid_free, foreign_return, unsupported_free
// (those of its allocator's free())
// Design: ZiggyAlloc's AutoFreeMemory, which frees memory that its buffer still owns;
// this one can only be made of what nobody owns any more, and owns it.

#include <span>
#include <utility>

#include "memoir/allocator.h"

MEMOIR_BEGIN

template <unmanaged T>
class [[nodiscard]] auto_free {
 public:
  // `elements`: of buffer::release(), of this allocator, which lives longer.
  auto_free(allocator& memory, std::span<T> elements)
      : memory_{&memory}, elements_{elements} {}
  auto_free(auto_free&& other) noexcept
      : memory_{other.memory_}, elements_{std::exchange(other.elements_, {})} {}
  auto_free& operator=(auto_free other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(elements_, other.elements_);
    return *this;
  }
  ~auto_free() {
    try {
      memory_->free(elements_.data(), site::of_thread());
    } catch (...) {  // it was no block of the allocator's: reported
    }
  }

  std::span<T> span() const noexcept { return elements_; }
  T* data() const noexcept { return elements_.data(); }
  std::size_t size() const noexcept { return elements_.size(); }

 private:
  allocator* memory_;
  std::span<T> elements_;
};

MEMOIR_END
