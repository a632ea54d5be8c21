#pragma once

// Objects side by side in one block from upstream, at most as many as there was room made
// for: a half of a double_buffer. They are constructed as a std::pmr::vector does it,
// with upstream where they take an allocator; the block lies between redzones.
//
// Thread safety: none of its own. Errors: std::bad_array_new_length where no memory is as
// large (size_overflow), what upstream and the objects throw.

#include <cstddef>
#include <limits>
#include <memory>
#include <memory_resource>
#include <new>
#include <utility>

#include "memoir/detail/pool_watch.h"
#include "memoir/resource.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

template <class T>
class fixed_batch {
 public:
  // `watch` is the owner's, and lives longer.
  fixed_batch(pool_watch& watch, std::size_t capacity,
              std::pmr::memory_resource* upstream, site where)
      : watch_{&watch}, upstream_{upstream}, capacity_{capacity} {
    if (capacity == 0) return;
    constexpr std::size_t kSpace = kFront + pool_watch::space_after();
    constexpr auto kMost =
        static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    if (capacity > (kMost - kSpace) / sizeof(T)) {
      watch.report(finding::size_overflow, where, "more objects than any memory holds",
                   nullptr, capacity);
      throw std::bad_array_new_length();
    }
    auto* const memory =
        static_cast<std::byte*>(allocate_from(*upstream, slot(), alignof(T), where));
    watch.add_backing(memory, slot());
    watch.allocated(memory + kFront, capacity * sizeof(T), alignof(T), where);
    data_ = reinterpret_cast<T*>(memory + kFront);
  }
  fixed_batch(const fixed_batch&) = delete;
  fixed_batch& operator=(const fixed_batch&) = delete;
  ~fixed_batch() {
    if (data_ == nullptr) return;
    clear();
    const site where = site::of_thread();
    watch_->released(data_, where);
    std::byte* const memory = reinterpret_cast<std::byte*>(data_) - kFront;
    watch_->remove_backing(memory);
    deallocate_to(*upstream_, memory, slot(), alignof(T), where);
  }

  // There is room.
  void push_back(T&& object) {
    std::pmr::polymorphic_allocator<T>{upstream_}.construct(data_ + size_,
                                                            std::move(object));
    ++size_;
  }
  void clear() noexcept {
    std::destroy_n(data_, size_);
    size_ = 0;
  }

  T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return size_ == capacity_; }

 private:
  static constexpr std::size_t kFront = pool_watch::space_before(alignof(T));
  std::size_t slot() const {
    return kFront + capacity_ * sizeof(T) + pool_watch::space_after();
  }

  pool_watch* watch_;
  std::pmr::memory_resource* upstream_;
  std::size_t capacity_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace detail
MEMOIR_END
