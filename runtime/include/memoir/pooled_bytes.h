#pragma once

// Bytes that are lent by a sized_pool: size() of them in use, room for capacity(). It
// goes back to its pool when it ends, wherever that is, also after the pool.
//
// resize() keeps what is there and zeroes what is added; beyond the capacity it moves to
// a larger block of the pool, and the smaller one goes back at once, so that no small
// block is ever kept in a large one's memory. Contents are uninitialized where they were
// not asked for zeroed.
//
// Complexity: O(1); resize() O(bytes added, or moved); written_span() O(bytes).
// Thread safety: one thread at a time; it may end on another one than it was acquired on.
// Errors: std::out_of_range beyond size(); std::logic_error where there are no bytes,
// because it was moved from or released; resize() throws what sized_pool::acquire() does.
// Findings: stale_handle, out_of_bounds, uninitialized_use (written_span()),
// size_overflow (resize()), pool_overflow, use_after_return (by pointers and spans that
// were kept)
// Design: PooledBuffer of frd-pu (Rust), which returns to the list of its first size,
// however large resize() made it.

#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>

#include "memoir/checked_index.h"
#include "memoir/detail/recycler.h"
#include "memoir/finding.h"
#include "memoir/initialized.h"
#include "memoir/result.h"
#include "memoir/site.h"

MEMOIR_BEGIN

class sized_pool;

class pooled_bytes {
 public:
  // No bytes.
  pooled_bytes() = default;
  pooled_bytes(pooled_bytes&& other) noexcept
      : engine_{std::exchange(other.engine_, nullptr)},
        block_{std::exchange(other.block_, {})},
        size_{std::exchange(other.size_, 0)},
        used_{other.used_},
        acquired_by_{other.acquired_by_} {}
  pooled_bytes& operator=(pooled_bytes&& other) noexcept {
    if (this != &other) {
      release(site::of_thread());
      engine_ = std::exchange(other.engine_, nullptr);
      block_ = std::exchange(other.block_, {});
      size_ = std::exchange(other.size_, 0);
      used_ = other.used_;
      acquired_by_ = other.acquired_by_;
    }
    return *this;
  }
  ~pooled_bytes() {
    if (engine_ != nullptr) release(site::of_thread());
  }

  // Back to the pool; nothing the second time.
  void release(site where = site::current()) noexcept {
    if (engine_ == nullptr) return;
    give_back(block_, where);
    engine_ = nullptr;
    block_ = {};
    size_ = 0;
  }

  // Whether it has a block: also where size() is 0.
  bool valid() const noexcept { return engine_ != nullptr; }
  explicit operator bool() const noexcept { return valid(); }

  // Its bytes. Throw std::logic_error where there is no block (stale_handle).
  std::byte* data(site where = site::current()) { return checked(where); }
  const std::byte* data(site where = site::current()) const { return checked(where); }
  std::span<std::byte> span(site where = site::current()) {
    return {checked(where), size_};
  }
  std::span<const std::byte> span(site where = site::current()) const {
    return {checked(where), size_};
  }
  // The same for who reads all of it: what was never written is reported as
  // uninitialized_use.
  std::span<const std::byte> written_span(site where = site::current()) const {
    const std::span<const std::byte> all = span(where);
    if constexpr (is_tracking) {
      if (const auto unwritten = detail::find_unwritten(all); !unwritten.empty()) {
        engine_->watch().report(finding::uninitialized_use, where,
                                "these bytes were never written", unwritten.data(),
                                unwritten.size());
      }
    }
    return all;
  }
  // A part of them; throws std::out_of_range where they do not reach.
  std::span<std::byte> subspan(std::size_t offset, std::size_t size,
                               site where = site::current()) {
    const std::span<std::byte> all = span(where);
    if (offset > all.size() || size > all.size() - offset) out_of_range(where);
    return all.subspan(offset, size);
  }
  std::byte& operator[](checked_index index) {
    std::byte* bytes = checked(index.where);
    if (index.value >= size_) out_of_range(index.where);
    return bytes[index.value];
  }
  const std::byte& operator[](checked_index index) const {
    return const_cast<pooled_bytes&>(*this)[index];
  }
  std::byte* begin() { return checked(site::of_thread()); }
  std::byte* end() { return begin() + size_; }
  const std::byte* begin() const { return checked(site::of_thread()); }
  const std::byte* end() const { return begin() + size_; }

  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return block_.capacity; }
  bool empty() const noexcept { return size_ == 0; }

  // So many bytes are in use. What is added is zero. Throws what sized_pool::acquire()
  // does, and has not changed then.
  void resize(std::size_t size, site where = site::current()) {
    if (const auto done = try_resize(size, where); !done) {
      engine_->report_failure(done.error(), size, where);
      throw_error(done.error(), "pooled_bytes::resize");
    }
  }
  // The same. The new capacity; fails with size_overflow or out_of_memory. A block that
  // is replaced does not count as outstanding twice.
  result<std::size_t> try_resize(std::size_t size, site where = site::current()) {
    checked(where);
    if (size > block_.capacity) {
      auto larger = engine_->try_acquire_larger(size, where);
      if (!larger) return larger.error();
      if (size_ != 0) std::memcpy(larger->data, block_.data, size_);
      give_back(block_, where);
      block_ = *larger;
    } else {
      engine_->resized(block_, size, where);
    }
    engine_->watch().tell(
        size > size_ ? detail::pool_event::grow : detail::pool_event::shrink, where,
        block_.data, size, size_);
    if (size > size_) std::memset(block_.data + size_, 0, size - size_);
    size_ = size;
    used_ = size > used_ ? size : used_;
    return block_.capacity;
  }
  // No bytes are in use; the capacity stays.
  void clear(site where = site::current()) {
    checked(where);
    engine_->resized(block_, 0, where);
    engine_->watch().tell(detail::pool_event::clear, where, block_.data, size_);
    size_ = 0;
  }

 private:
  friend class sized_pool;
  pooled_bytes(detail::recycler& engine, const detail::recycled_block& block,
               std::size_t size) noexcept
      : engine_{&engine},
        block_{block},
        size_{size},
        used_{size},
        acquired_by_{this_thread()} {}

  // An address that no other thread has at the same time.
  static const void* this_thread() noexcept {
    static thread_local const char mark = 0;
    return &mark;
  }
  std::byte* checked(site where) const {
    if (engine_ != nullptr) return block_.data;
    detail::report(finding::stale_handle, "pooled_bytes", where,
                   "it was moved from or released");
    throw std::logic_error("pooled_bytes: it was moved from or released");
  }
  [[noreturn]] void out_of_range(site where) const {
    engine_->watch().report(finding::out_of_bounds, where,
                            "beyond the size of the buffer", block_.data, size_);
    throw std::out_of_range("pooled_bytes");
  }
  void give_back(const detail::recycled_block& block, site where) noexcept {
    const bool crossed = acquired_by_ != this_thread();
    if constexpr (!is_tracking) {  // which fills what comes back anyway
      if (engine_->options().scrub) std::memset(block.data, 0, used_);
    }
    engine_->release(block.data, block.capacity, block.number, where, crossed);
  }

  detail::recycler* engine_ = nullptr;
  detail::recycled_block block_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;  // the most there ever was
  const void* acquired_by_ = nullptr;
};

MEMOIR_END
