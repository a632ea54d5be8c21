#pragma once

// Buffers of any size, kept by size and lent again.
//
//   memoir::sized_pool pool;
//   auto buffer = pool.acquire(8192);       // memoir::pooled_bytes, uninitialized
//   buffer[0] = std::byte{42};              // back in the pool at the end of its scope
//
// Sizes are rounded up to size_class(), so that nearly equal sizes share their buffers
// and what is idle stays in proportion; pool_key::exact keeps each size to itself. Idle
// buffers are limited for each size, and in bytes for all together; and what was idle for
// a long time goes back by itself, half of it at a time (trim_interval). Buffers may come
// back after the pool has ended; the upstream resource lives as long as the last of them.
//
// Complexity: acquire and release O(1), flat in the size: nothing is zeroed unless it is
// asked for. No malloc where a buffer of the class is idle.
// Thread safety: any thread, but for the making, moving and ending; with
// options.thread_cache, threads seldom meet.
// Errors: try_acquire() has a result, and its twin throws: invalid_size (0),
// size_overflow, pool_exhausted (max_outstanding), out_of_memory; bad options are
// errc::config, or std::invalid_argument.
// Findings: bad_size, size_overflow, pool_exhausted (acquire()), foreign_return
// (give_back()), double_return, invalid_free, undersized_reuse, alloc_dealloc_mismatch
// (by as_resource()), use_after_return, pool_overflow, dirty_reuse
// (dirty_policy::report), over_retention, pool_destroyed_with_live_blocks
// Design: BufferPool of frd-pu (Rust), which zeroes every buffer, and keeps as many of
// each exact size, however many sizes there are.

#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <memory_resource>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "memoir/buffer_stats.h"
#include "memoir/detail/recycler.h"
#include "memoir/pool_stats.h"
#include "memoir/pooled_bytes.h"
#include "memoir/result.h"
#include "memoir/site.h"
#include "memoir/zero.h"

namespace memoir {

// Which buffers may stand for each other.
enum class pool_key : std::uint8_t {
  size_class,  // those whose sizes round up to the same
  exact        // those of the same size
};

// What becomes of the bytes that a buffer was given back with. Where tracking is on they
// are overwritten anyway.
enum class dirty_policy : std::uint8_t {
  allow,   // the next owner may see them
  report,  // who gets them without asking for zeroes is told: dirty_reuse
  scrub    // they are zeroed when the buffer is given back
};

struct sized_pool_options {
  pool_key key = pool_key::size_class;
  std::size_t max_per_class = 64;         // idle buffers of each
  std::size_t max_idle_bytes = 64 << 20;  // of all together
  std::size_t max_outstanding = std::numeric_limits<std::size_t>::max();
  std::size_t alignment = alignof(std::max_align_t);
  dirty_policy dirty = dirty_policy::allow;
  // Buffers that each thread keeps for itself, 32 at most. 0: none.
  std::size_t thread_cache = 0;
  // Releases after which what was idle since is looked at. 0: never.
  std::size_t trim_interval = 64;
};

// What is wrong with them, or null. Pure.
constexpr const char* problem_of(const sized_pool_options& options) noexcept {
  if (!std::has_single_bit(options.alignment)) {
    return "the alignment is no power of two";
  }
  if (options.max_outstanding == 0) return "no buffer may be outstanding";
  if (options.thread_cache > 32) return "a thread keeps 32 buffers at most";
  if (options.thread_cache > options.max_outstanding) {
    return "a thread keeps more buffers than may be outstanding";
  }
  return nullptr;
}

}  // namespace memoir

MEMOIR_BEGIN

class sized_pool {
 public:
  // 64 idle buffers of each size.
  explicit sized_pool(site where = site::current())
      : sized_pool(sized_pool_options{}, std::pmr::get_default_resource(), where) {}
  explicit sized_pool(std::size_t max_per_class, site where = site::current())
      : sized_pool(with_most(max_per_class), std::pmr::get_default_resource(), where) {}
  // Throws std::invalid_argument with problem_of().
  explicit sized_pool(
      const sized_pool_options& options,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : engine_{new detail::recycler("sized_pool", checked(options), upstream, where)},
        dirty_{options.dirty} {}
  // The same; fails with config.
  static result<sized_pool> make(
      const sized_pool_options& options,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current()) {
    if (problem_of(options) != nullptr || upstream == nullptr) return errc::config;
    return sized_pool(options, upstream, where);
  }
  sized_pool(sized_pool&&) noexcept = default;
  sized_pool& operator=(sized_pool&&) noexcept = default;

  // A buffer of exactly this size; its capacity may be larger. What is wrong is reported,
  // too: bad_size, size_overflow, pool_exhausted.
  [[nodiscard]] pooled_bytes acquire(std::size_t size, zero fill = zero::no,
                                     site where = site::current()) {
    auto buffer = try_acquire(size, fill, where);
    if (buffer) return std::move(*buffer);
    engine_->report_failure(buffer.error(), size, where);
    throw_error(buffer.error(), "sized_pool::acquire");
  }
  result<pooled_bytes> try_acquire(std::size_t size, zero fill = zero::no,
                                   site where = site::current()) {
    auto block = engine_->try_acquire(size, where);
    if (!block) return block.error();
    if (fill == zero::yes) {
      std::memset(block->data, 0, size);
    } else if (dirty_ == dirty_policy::report && block->reused) {
      engine_->watch().report(finding::dirty_reuse, where,
                              "the buffer holds bytes of its last owner", block->data,
                              size);
    }
    return pooled_bytes{*engine_, *block, size};
  }

  // Gives a buffer back, if it is one of this pool's: how many bytes. Fails with
  // foreign_buffer, which is reported as foreign_return, and leaves the buffer with the
  // caller; with disposed where there is none.
  result<std::size_t> give_back(pooled_bytes& buffer, site where = site::current()) {
    if (!buffer.valid()) return errc::disposed;
    if (buffer.engine_ != engine_.get()) {
      engine_->watch().report(finding::foreign_return, where,
                              "the buffer belongs to another pool", buffer.block_.data,
                              buffer.size_);
      return errc::foreign_buffer;
    }
    const std::size_t bytes = buffer.capacity();
    buffer.release(where);
    return bytes;
  }

  // Gives idle buffers back to upstream: all; all but this part of each size, rounded
  // down; until no more than so many bytes are idle. How many bytes.
  std::size_t clear(site where = site::current()) {
    const site_scope scope{where};
    return engine_->clear();
  }
  std::size_t shrink(double keep = 0.5, site where = site::current()) {
    const site_scope scope{where};
    return engine_->shrink(keep);
  }
  std::size_t trim(std::size_t keep_bytes, site where = site::current()) {
    const site_scope scope{where};
    return engine_->trim(keep_bytes);
  }

  pool_stats stats(site where = site::current()) const {
    const pool_stats now = engine_->stats();
    engine_->watch().tell(detail::pool_event::sample, where, nullptr, now.bytes_in_use,
                          now.buffers_in_use);
    return now;
  }
  buffer_usage usage() const { return usage_of(stats()); }
  // What a buffer of this size really holds; 0: none can be so large.
  std::size_t capacity_for(std::size_t size) const noexcept {
    return engine_->capacity_for(size);
  }
  // The pool as a resource for containers; it lives as long as the pool does. Errors as
  // acquire(); alignments beyond the options' throw std::bad_alloc.
  resource* as_resource() noexcept { return engine_.get(); }
  // What reports and traces call it.
  void set_name(std::string_view name) { engine_->watch().set_name(name); }
  // Looks at all redzones and idle buffers. How many findings there were.
  std::size_t verify(site where = site::current()) {
    return engine_->watch().verify(where);
  }

 private:
  static sized_pool_options with_most(std::size_t max_per_class) {
    sized_pool_options options;
    options.max_per_class = max_per_class;
    return options;
  }
  static detail::recycler_options checked(const sized_pool_options& options) {
    if (const char* problem = problem_of(options)) {
      throw std::invalid_argument(std::string("sized_pool: ") + problem);
    }
    return {.key = options.key == pool_key::exact ? detail::recycler_key::exact
                                                  : detail::recycler_key::size_class,
            .alignment = options.alignment,
            .max_idle = options.max_per_class,
            .max_idle_bytes = options.max_idle_bytes,
            .max_outstanding = options.max_outstanding,
            .thread_cache = options.thread_cache,
            .scrub = options.dirty == dirty_policy::scrub,
            .trim_interval = options.trim_interval};
  }

  friend class global_pool_set;

  detail::recycler_owner engine_;
  dirty_policy dirty_;
};

MEMOIR_END
