#pragma once

// The control block of a block_pool: its memory, its free blocks and its books. Outlives
// the pool while blocks are out.
//
//   slab: | before | block 0 | after | before | block 1 | after | ...
//         `--------- stride --------'
//
// Blocks are aligned to `alignment`; redzones, where tracking is on, are part of the
// stride, and so is what rounds it up. Memory of a device has none.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <memory_resource>
#include <new>

#include "memoir/detail/block_stock.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/element_checks.h"
#include "memoir/resource.h"

MEMOIR_BEGIN

// What a block may show of those who had it before.
enum class block_reuse : std::uint8_t {
  keep,         // whatever they left
  wipe,         // nothing: blocks are zeroed when they come back
  report_dirty  // whatever they left, and that is reported (dirty_reuse)
};

struct block_pool_options {
  // Where the memory comes from, once; lives as long as the pool and its blocks.
  std::pmr::memory_resource* upstream = std::pmr::new_delete_resource();
  memory_location location = memory_location::host;
  block_reuse reuse = block_reuse::keep;
  // How many free blocks a thread may keep for itself, at most; 0: none, and the pool is
  // one stack for all threads.
  std::size_t thread_blocks = 64;
};

namespace detail {

template <class T>
class block_pool_owner final : public block_owner {
 public:
  // Sizes are checked by the pool. Throws what upstream throws, or std::bad_alloc.
  block_pool_owner(std::size_t elements, std::size_t blocks, std::size_t alignment,
                   const block_pool_options& options, site where);

  static constexpr std::size_t stride_of(std::size_t bytes, std::size_t alignment,
                                         bool redzones) {
    const std::size_t zones =
        redzones ? pool_watch::space_before(alignment) + pool_watch::space_after() : 0;
    return (bytes + zones + alignment - 1) / alignment * alignment;
  }

  // A block out of the stock; null where there is none, or none came in time.
  T* take() { return static_cast<T*>(stock_.take()); }
  template <class Deadline>
  T* take_until(const Deadline& deadline) {
    return static_cast<T*>(stock_.take_until(deadline));
  }
  // Makes it one that is handed out. Its elements are constructed where they need to be;
  // what that throws is thrown, and the block is back.
  block_number hand_out(T* block, site where);

  void take_back(void* block, std::size_t bytes, block_number number,
                 site where) noexcept override;
  const pool_watch& watch() const noexcept override { return watch_; }
  pool_watch& books() noexcept { return watch_; }

  // Whether an address is that of a block.
  bool is_block(const void* address) const noexcept;

  // The pool ends. What is out is reported and stays good.
  void close(site where) noexcept;

  const block_stock& stock() const noexcept { return stock_; }
  std::size_t block_bytes() const noexcept { return bytes_; }
  std::size_t stride() const noexcept { return stride_; }

 private:
  static constexpr bool kTrivial =
      std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>;

  ~block_pool_owner() override = default;
  block_number enter(T* block, site where);
  void check_dirty(void* block, site where) const;
  void note_dirty(const void* block, std::size_t used) noexcept;
  void end(site where) noexcept;
  std::size_t index_of(const void* block) const noexcept {
    return static_cast<std::size_t>(static_cast<const std::byte*>(block) - first_) /
           stride_;
  }
  std::size_t slab_bytes() const noexcept { return stride_ * stock_.capacity(); }
  bool touches() const noexcept { return is_host_accessible(location()); }

  const std::size_t bytes_;
  const std::size_t stride_;
  const std::size_t alignment_;
  const std::size_t before_;
  const block_reuse reuse_;
  std::pmr::memory_resource* const upstream_;
  std::byte* slab_ = nullptr;
  std::byte* first_ = nullptr;
  block_stock stock_;
  // Whether the last owner of each block left anything in it: report_dirty only.
  std::unique_ptr<bool[]> dirty_;
  [[no_unique_address]] pool_watch watch_;
};

template <class T>
block_pool_owner<T>::block_pool_owner(std::size_t elements, std::size_t blocks,
                                      std::size_t alignment,
                                      const block_pool_options& options, site where)
    : block_owner{options.location},
      bytes_{elements * sizeof(T)},
      stride_{stride_of(bytes_, alignment, is_host_accessible(options.location))},
      alignment_{alignment},
      before_{touches() ? pool_watch::space_before(alignment) : 0},
      reuse_{options.reuse},
      upstream_{options.upstream},
      stock_{blocks, options.thread_blocks},
      watch_{"block_pool", watch_style::pool, where} {
  if (is_tracking && reuse_ == block_reuse::report_dirty && touches()) {
    dirty_ = std::make_unique<bool[]>(blocks);
  }
  slab_ =
      static_cast<std::byte*>(allocate_from(*upstream_, slab_bytes(), alignment_, where));
  first_ = slab_ + before_;
  if (touches()) {
    if (reuse_ == block_reuse::wipe) std::memset(slab_, 0, slab_bytes());
    watch_.add_backing(slab_, slab_bytes());
  }
  for (std::size_t i = blocks; i-- > 0;) stock_.add(first_ + i * stride_);
}

template <class T>
bool block_pool_owner<T>::is_block(const void* address) const noexcept {
  const auto offset = reinterpret_cast<std::uintptr_t>(address) -
                      reinterpret_cast<std::uintptr_t>(first_);
  return offset < slab_bytes() && offset % stride_ == 0;
}

template <class T>
inline block_number block_pool_owner<T>::hand_out(T* block, site where) {
  const block_number number = enter(block, where);
  if constexpr (!std::is_trivially_default_constructible_v<T>) {
    try {
      std::uninitialized_default_construct_n(block, bytes_ / sizeof(T));
    } catch (...) {
      if (watch_.released(block, number, where)) stock_.put(block);
      throw;
    }
  }
  return number;
}

// Into the books.
template <class T>
inline block_number block_pool_owner<T>::enter(T* block, site where) {
  block_number number{};
  if constexpr (is_tracking) {
    number = watch_.allocated(
        block, bytes_, before_, stride_ - before_ - bytes_, alignment_, where,
        touches() ? block_content::uninitialized : block_content::untouched);
    if (dirty_) check_dirty(block, where);
    if (reuse_ == block_reuse::wipe && touches()) {
      std::memset(static_cast<void*>(block), 0, bytes_);
    }
  }
  return number;
}

template <class T>
void block_pool_owner<T>::check_dirty(void* block, site where) const {
  if (dirty_[index_of(block)]) {
    watch_.report(finding::dirty_reuse, where, "what its last owner wrote was not wiped",
                  block, bytes_);
  }
}

// Before the books fill it.
template <class T>
void block_pool_owner<T>::note_dirty(const void* block, std::size_t used) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(block);
  bool zero = true;
  for (std::size_t i = 0; i < std::min(used, bytes_) && zero; ++i) zero = bytes[i] == 0;
  dirty_[index_of(block)] = !zero;
}

template <class T>
void block_pool_owner<T>::take_back(void* block, [[maybe_unused]] std::size_t bytes,
                                    block_number number, site where) noexcept {
  if constexpr (is_tracking) {
    if (watch_.is_live(block, number)) {
      std::destroy_n(static_cast<T*>(block), bytes_ / sizeof(T));
      if (dirty_) note_dirty(block, bytes);
    }
    if (!watch_.released(block, number, where)) return;
  } else {
    std::destroy_n(static_cast<T*>(block), bytes_ / sizeof(T));
    if (reuse_ == block_reuse::wipe && touches()) [[unlikely]] {
      std::memset(block, 0, bytes_);
    }
  }
  if (stock_.put(block)) [[unlikely]]
    end(where);
}

template <class T>
void block_pool_owner<T>::close(site where) noexcept {
  if constexpr (is_tracking) {
    watch_.report_live(finding::pool_destroyed_with_live_blocks, where);
  }
  if (stock_.close()) end(where);
}

// Nobody has a block, and nobody can get one.
template <class T>
void block_pool_owner<T>::end(site where) noexcept {
  if (touches()) {
    if constexpr (is_tracking) {
      watch_.verify(where);
      watch_.remove_backing(slab_);
    }
  }
  deallocate_to(*upstream_, slab_, slab_bytes(), alignment_, where);
  release();
}

}  // namespace detail
MEMOIR_END
