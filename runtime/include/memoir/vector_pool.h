#pragma once

// Vectors that go back where they came from, and keep their memory:
//
//   memoir::vector_pool<char> pool{4096};
//   for (...) {
//     auto line = pool.acquire();          // empty, capacity 4096
//     line->insert(line->end(), ...);      // a std::pmr::vector<char>
//   }                                      // back in the pool
//
// The cap limits what lies idle, not what is handed out; whatever comes back beyond it is
// freed. A vector that grew keeps its memory up to max_kept_size elements, and gives it
// up beyond. Vectors may outlive their pool, as long as their memory is not moved out of
// them; the upstream resource lives as long as the last of them.
//
// Complexity: acquire and release O(1), without malloc where a vector is idle.
// Thread safety: the pool, any thread, but for its making, moving and ending; a vector,
// one thread at a time, also another one than it was acquired on.
// Errors: std::bad_alloc from acquire(), a result from try_acquire();
// std::invalid_argument from the constructor; std::logic_error for a vector that was
// moved from or released.
// Findings: bad_size (no vector can be so large), stale_handle (it was moved from or
// released), use_after_return, pool_overflow, over_retention,
// pool_destroyed_with_live_blocks
// Design: BufferPool and PooledBuffer of the FASTQ parser's `buffer` module (Rust), whose
// cap is what a vector happens to have room for: nothing, unless one was asked for.

#include <cstddef>
#include <limits>
#include <memory>
#include <memory_resource>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "memoir/buffer_stats.h"
#include "memoir/detail/recycler.h"
#include "memoir/finding.h"
#include "memoir/pool_stats.h"
#include "memoir/result.h"
#include "memoir/site.h"

MEMOIR_BEGIN

template <class T>
class vector_pool;

// A std::pmr::vector<T> that is lent by a vector_pool. Move-only.
template <class T>
class pooled_vector {
 public:
  using vector_type = std::pmr::vector<T>;

  // Empty: no vector.
  pooled_vector() = default;
  pooled_vector(pooled_vector&& other) noexcept
      : vector_{std::move(other.vector_)}, lent_{std::exchange(other.lent_, false)} {}
  pooled_vector& operator=(pooled_vector&& other) noexcept {
    if (this != &other) {
      replace(std::move(other.vector_));
      lent_ = std::exchange(other.lent_, false);
    }
    return *this;
  }
  // Back to the pool, without its elements.
  ~pooled_vector() = default;

  // The same, before its end; nothing the second time.
  void release(site where = site::current()) {
    const site_scope scope{where};
    replace(vector_type(std::pmr::null_memory_resource()));
    lent_ = false;
  }

  // Whether there is a vector: not in what was moved from or released. Using that
  // nonetheless is reported as stale_handle, and throws std::logic_error.
  bool valid() const noexcept { return lent_; }
  explicit operator bool() const noexcept { return valid(); }

  vector_type& as_vector(site where = site::current()) { return checked(where); }
  const vector_type& as_vector(site where = site::current()) const {
    return const_cast<pooled_vector*>(this)->checked(where);
  }
  vector_type& operator*() { return checked(site::of_thread()); }
  const vector_type& operator*() const { return as_vector(site::of_thread()); }
  vector_type* operator->() { return &checked(site::of_thread()); }
  const vector_type* operator->() const { return &as_vector(site::of_thread()); }

 private:
  friend class vector_pool<T>;
  explicit pooled_vector(detail::recycler& engine) : vector_(&engine), lent_{true} {}

  // Assignment would keep the resource that there was.
  void replace(vector_type next) noexcept {
    std::destroy_at(&vector_);
    std::construct_at(&vector_, std::move(next));
  }
  vector_type& checked(site where) {
    if (lent_) return vector_;
    detail::report(finding::stale_handle, "pooled_vector", where,
                   "it was moved from or released");
    throw std::logic_error("pooled_vector: it was moved from or released");
  }

  vector_type vector_{std::pmr::null_memory_resource()};
  bool lent_ = false;
};

// Counts are in elements of T.
struct vector_pool_options {
  std::size_t max_buffers = 64;  // idle ones
  // Vectors that grew up to this capacity keep it. 0: four times the buffer size.
  std::size_t max_kept_size = 0;
};

template <class T = std::byte>
class vector_pool {
 public:
  // Of vectors with this capacity. Throws std::invalid_argument where no vector can be so
  // large. buffer_size 0 is 1.
  explicit vector_pool(
      std::size_t buffer_size, std::size_t max_buffers = 64,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : vector_pool(buffer_size, vector_pool_options{max_buffers, 0}, upstream, where) {}
  vector_pool(std::size_t buffer_size, const vector_pool_options& options,
              std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
              site where = site::current())
      : engine_{new detail::recycler("vector_pool", engine_options(buffer_size, options),
                                     upstream, where)} {}
  vector_pool(vector_pool&&) noexcept = default;
  vector_pool& operator=(vector_pool&&) noexcept = default;

  // An empty vector with a capacity of buffer_size() or more. Throws std::bad_alloc.
  pooled_vector<T> acquire(site where = site::current()) {
    auto lent = try_acquire(where);
    if (!lent) throw_error(lent.error(), "vector_pool::acquire");
    return std::move(*lent);
  }
  // Fails with out_of_memory.
  result<pooled_vector<T>> try_acquire(site where = site::current()) {
    auto block = engine_->try_acquire(engine_->options().block_size, where);
    if (!block) return block.error();
    if (block->capacity != engine_->options().block_size) {
      engine_->resized(*block, block->capacity, where);
    }
    pooled_vector<T> lent{*engine_};
    // The vector takes the block for the memory that it asks for.
    const site_scope scope{where};
    detail::recycler::hand_over(*block);
    lent.vector_.reserve(block->capacity / sizeof(T));
    if (const auto left = detail::recycler::take_handed_over(); left.data != nullptr) {
      engine_->release(left.data, left.capacity, where);  // no multiple of sizeof(T)
    }
    return lent;
  }

  // Frees the idle vectors; those that are handed out are not concerned. How many bytes.
  std::size_t clear(site where = site::current()) {
    const site_scope scope{where};
    return engine_->clear();
  }
  // Keeps this part of the idle ones, rounded down.
  std::size_t shrink(double keep = 0.5, site where = site::current()) {
    const site_scope scope{where};
    return engine_->shrink(keep);
  }

  // In elements; and how many idle vectors are kept.
  std::size_t buffer_size() const { return engine_->options().block_size / sizeof(T); }
  std::size_t max_buffers() const { return engine_->options().max_idle; }
  // Vectors that are idle now.
  std::size_t idle() const {
    return static_cast<std::size_t>(engine_->stats().available_buffers);
  }
  pool_stats stats() const { return engine_->stats(); }
  buffer_usage usage() const { return usage_of(engine_->stats()); }
  // What reports and traces call it.
  void set_name(std::string_view name) { engine_->watch().set_name(name); }

 private:
  // The largest multiple of sizeof(T) or less; 0 where there is none.
  static constexpr std::size_t bytes_of(std::size_t elements) {
    constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max();
    return elements <= most / sizeof(T) ? elements * sizeof(T) : 0;
  }
  static detail::recycler_options engine_options(std::size_t buffer_size,
                                                 const vector_pool_options& options) {
    detail::recycler_options engine{.key = detail::recycler_key::one_size};
    engine.block_size = bytes_of(buffer_size == 0 ? 1 : buffer_size);
    engine.alignment = alignof(T) > engine.alignment ? alignof(T) : engine.alignment;
    engine.max_idle = options.max_buffers;
    const std::size_t kept = options.max_kept_size != 0 ? bytes_of(options.max_kept_size)
                                                        : bytes_of(buffer_size) * 4;
    engine.max_kept_size =
        kept > engine.block_size || options.max_kept_size != 0 ? kept : engine.block_size;
    return engine;
  }

  detail::recycler_owner engine_;
};

MEMOIR_END
