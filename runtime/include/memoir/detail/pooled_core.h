#pragma once

// What pools of blocks of any size keep as long as their blocks are out: thread caches
// over a recycler over the memory below.
//
//   hand_out --> bin of the thread --> recycler --> pool_source --> an allocator, chunks,
//   take_back -> bin of the thread --> recycler --> pool_source --> or pages
//
// Blocks are of a size class, aligned alike. Where tracking is on there are no bins: the
// recycler's watch sees every block come and go. Thread safety: any.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <type_traits>

#include "memoir/detail/block_request.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/class_caches.h"
#include "memoir/detail/pool_source.h"
#include "memoir/detail/recycler.h"
#include "memoir/size_class.h"

MEMOIR_BEGIN
namespace detail {

// What memory is that was never handed out before.
enum class fresh_memory : bool { undefined, zero };

class pooled_core final : public block_owner {
 public:
  pooled_core(const char* kind, const recycler_options& options,
              std::unique_ptr<std::pmr::memory_resource> below, site where,
              const pool_watch* parent = nullptr,
              fresh_memory fresh = fresh_memory::undefined)
      : alignment_{options.alignment},
        source_{std::move(below)},
        caches_{this, &give_back, options.max_idle},
        recycler_{new recycler(kind, options, &source_, where, parent)},
        fresh_is_zero_{fresh == fresh_memory::zero} {}

  std::size_t alignment() const noexcept { return alignment_; }
  void name(std::string_view name) { recycler_->watch().set_name(name); }

  // An idle block that the thread has at hand, uninitialized, or null; always null where
  // tracking is on. `bytes` is not 0.
  void* pop(std::size_t bytes) noexcept {
    if constexpr (is_tracking) return nullptr;
    class_cache* cache = caches_.at_hand();
    if (cache == nullptr || bytes > class_cache::kLargestBlock) [[unlikely]] {
      return nullptr;
    }
    void* block = cache->pop(class_index_of(bytes));
    if (block == nullptr) [[unlikely]]
      return nullptr;
    cache->count_out(bytes);
    header(block).bytes = bytes;
    return block;
  }
  // Takes a block back into the thread's bin. False: nothing was done.
  bool push(void* block, std::size_t bytes) noexcept {
    if constexpr (is_tracking) return false;
    class_cache* cache = caches_.at_hand();
    if (cache == nullptr || bytes > class_cache::kLargestBlock) [[unlikely]] {
      return false;
    }
    // Not read from the header, because all would wait for it; only compared.
    const std::size_t index = class_index_of(bytes);
    const pool_header& kept = header(block);
    const std::size_t handed_out = kept.bytes;
    if (kept.index != index || !cache->push(index, block)) [[unlikely]] {
      return false;
    }
    cache->count_back(handed_out);
    return true;
  }

  [[nodiscard]] detached_block hand_out(const block_request& request, site where) {
    if (void* block = pop(request.bytes)) [[likely]] {
      return detach(block, request, block_number{});
    }
    return hand_out_slowly(request, where);
  }

  void take_back(void* block, std::size_t bytes, block_number number,
                 site where) noexcept override {
    if (!push(block, bytes)) [[unlikely]]
      take_back_slowly(block, number, where);
  }

  // By its address alone. False: it is no block of this pool, and nothing is done.
  bool take_back_if_known(void* block, site where) noexcept {
    if (!source_.has_block(block)) {
      recycler_->watch().released(block, where);  // says so
      return false;
    }
    take_back(block, 0, block_number{}, where);
    return true;
  }
  bool has_block(const void* block) const { return source_.has_block(block); }
  // As it was asked for; of a block of this pool.
  std::size_t size_of(void* block) const { return header(block).bytes; }

  const pool_watch& watch() const noexcept override { return recycler_->watch(); }
  std::size_t verify(site where) { return recycler_->watch().verify(where); }

  // Every idle block goes back below. How many bytes.
  std::size_t clear() {
    caches_.drain();
    return recycler_->clear();
  }
  // Until no more than so many bytes are idle.
  std::size_t trim(std::size_t keep_bytes) {
    caches_.drain();
    return recycler_->trim(keep_bytes);
  }

  // Of blocks that are out, as they were asked for.
  std::uint64_t live_bytes() const noexcept {
    if constexpr (is_tracking) return recycler_->watch().live_bytes();
    const cache_figures all = figures();
    return all.bytes_out - all.bytes_back;
  }
  std::uint64_t allocated_bytes() const noexcept { return figures().bytes_out; }

  // As the pool's users see it: what lies in caches is idle. While others use the pool,
  // figures may be of different moments.
  pool_stats stats() const {
    pool_stats all = recycler_->stats();
    if constexpr (!is_tracking) {
      // Blocks of a class are counted by its size.
      const auto cached = caches_.count();
      const cache_figures seen = figures();
      all.buffers_in_use -= cached.blocks;
      all.available_buffers += cached.blocks;
      all.bytes_in_use -= cached.bytes;
      all.bytes_idle += cached.bytes;
      all.hits += seen.hits;
      all.total_acquisitions += seen.hits;
      all.total_releases = all.total_acquisitions - all.buffers_in_use;
    }
    return all;
  }

  // The face ends; blocks that are out may come back later.
  void close() noexcept {
    const auto keep = owner_ref<>::share(this);
    caches_.close();
    bool none = false;
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
      orphans_ = recycler_->stats().buffers_in_use;
      none = orphans_ == 0;
    }
    recycler_->retire();
    if (none) release();
  }

 private:
  static constexpr std::size_t kUnit = 16;

  ~pooled_core() override = default;

  pool_header& header(void* block) const {
    return pool_source::header_of(block, alignment_);
  }

  detached_block detach(void* block, const block_request& request, block_number number) {
    if (request.content == zero::yes) std::memset(block, 0, request.bytes);
    return {block, request.bytes, this, number};
  }

  // The thread has no cache yet, or no block of the class.
  [[gnu::noinline]] detached_block hand_out_slowly(const block_request& request,
                                                   site where) {
    if constexpr (!is_tracking) {
      if (void* block = take_from_depot(request.bytes)) {
        return detach(block, request, block_number{});
      }
    }
    auto acquired = recycler_->try_acquire(request.bytes, where);
    if (!acquired) throw_error(acquired.error(), "allocate");
    pool_header& kept = header(acquired->data);
    kept.bytes = request.bytes;
    kept.capacity = static_cast<std::uint32_t>(acquired->capacity / kUnit);
    kept.index = static_cast<std::uint32_t>(size_class_index(acquired->capacity));
    past_bytes_out_.fetch_add(request.bytes, std::memory_order_relaxed);
    block_request filled = request;
    if (!is_tracking && fresh_is_zero_ && !acquired->reused) filled.content = zero::no;
    return detach(acquired->data, filled, acquired->number);
  }

  // What other threads have left, or null. The thread has its cache at hand from here on.
  void* take_from_depot(std::size_t bytes) noexcept {
    class_cache* cache = caches_.of_thread();
    if (cache == nullptr || bytes > class_cache::kLargestBlock) return nullptr;
    const std::size_t index = class_index_of(bytes);
    void* block = cache->pop(index);  // it may not have been at hand
    if (block == nullptr) block = caches_.take_from_depot(*cache, index);
    if (block == nullptr) return nullptr;
    cache->count_out(bytes);
    header(block).bytes = bytes;
    return block;
  }

  [[gnu::noinline]] void take_back_slowly(void* block, block_number number,
                                          site where) noexcept {
    if constexpr (is_tracking) {
      if (!source_.has_block(block)) {
        recycler_->watch().released(block, number, where);  // says so
        return;
      }
    } else {
      const pool_header kept = header(block);
      past_bytes_back_.fetch_add(kept.bytes, std::memory_order_relaxed);
      class_cache* cache = caches_.of_thread();
      if (cache != nullptr && kept.index < class_cache::kBins &&
          caches_.push_with_room(*cache, kept.index, block)) {
        return;
      }
    }
    put_back(block, number, where);
  }

  // Past the bins. A block of this pool's.
  void put_back(void* block, block_number number, site where) noexcept {
    bool last = false;
    {
      const std::lock_guard lock{mutex_};
      const std::size_t capacity = std::size_t{header(block).capacity} * kUnit;
      const bool taken = recycler_->release(block, capacity, number, where);
      last = taken && closed_ && --orphans_ == 0;
    }
    if (last) release();
  }
  static void give_back(void* pool, void* block) noexcept {
    static_cast<pooled_core*>(pool)->put_back(block, block_number{}, site::of_thread());
  }

  cache_figures figures() const noexcept {
    cache_figures all = caches_.figures();
    all.bytes_out += past_bytes_out_.load(std::memory_order_relaxed);
    all.bytes_back += past_bytes_back_.load(std::memory_order_relaxed);
    return all;
  }

  const std::size_t alignment_;
  pool_source source_;
  mutable class_caches caches_;
  recycler* const recycler_;  // the last to be made: nobody would retire it
  const bool fresh_is_zero_;
  std::atomic<std::uint64_t> past_bytes_out_{0};
  std::atomic<std::uint64_t> past_bytes_back_{0};
  // A listener of findings may use the pool.
  std::conditional_t<is_tracking, std::recursive_mutex, std::mutex> mutex_;
  bool closed_ = false;
  std::uint64_t orphans_ = 0;  // blocks out since close()
};

}  // namespace detail
MEMOIR_END
