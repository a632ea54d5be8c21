#pragma once

// Blocks that are kept when they are given back, and handed out again: what vector_pool,
// sized_pool and memory_pool have in common. Idle blocks lie in one list for each key,
// last in, first out; the lists are outside the blocks, and have room before a block is
// handed out, so that giving it back never fails.
//
//   acquire --hit--> top of the key's list          release --room--> top of the list
//           --miss-> upstream, at the key's size            --full--> upstream
//
// A recycler lives as long as its pool, and then until its last block comes back: it is
// made with new and ended with retire(), and blocks that come back afterwards go straight
// to upstream. It is a memory_resource, too, for containers whose memory it keeps.
//
// Complexity: acquire and release O(1), whatever the size; a block is never filled or
// zeroed but by tracking. Neither asks malloc for anything where there is an idle block.
// Thread safety: all functions, from any thread; upstream is called without the lock, and
// must itself be thread safe where the pool is used by several threads.
// Continues: the pools of frd-pu (Rust), the FASTQ parser (Rust) and ZiggyAlloc (C#).

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memoir/detail/front_magazine.h"
#include "memoir/detail/pool_watch.h"
#include "memoir/pool_stats.h"
#include "memoir/resource.h"
#include "memoir/result.h"
#include "memoir/site.h"
#include "memoir/size_class.h"

MEMOIR_BEGIN
namespace detail {

// Which blocks may stand for each other.
enum class recycler_key : std::uint8_t {
  one_size,   // all: what is larger than block_size is made to measure, and not kept
  exact,      // those of the same size
  size_class  // those of the same size_class()
};

struct recycler_options {
  recycler_key key = recycler_key::size_class;
  std::size_t block_size = 0;  // one_size only
  std::size_t alignment = alignof(std::max_align_t);
  std::size_t max_idle = 64;  // blocks of each key
  std::size_t max_idle_bytes = std::numeric_limits<std::size_t>::max();
  std::size_t max_outstanding = std::numeric_limits<std::size_t>::max();
  // one_size: blocks up to this size are kept as they are. 0: block_size.
  std::size_t max_kept_size = 0;
  // Blocks that each thread may keep to itself: see recycler_front.h. 0: none.
  std::size_t thread_cache = 0;
  bool scrub = false;  // faces zero what they give back
  // After so many releases, half of those blocks of one key (the next in turn) are given
  // back that were idle all the time since its last turn. 0: never.
  std::size_t trim_interval = 0;
};

struct recycled_block {
  std::byte* data = nullptr;
  std::size_t capacity = 0;  // at least what was asked for
  bool reused = false;
  [[no_unique_address]] block_number number{};
};

class recycler : public resource {
 public:
  // `kind`: a literal, the type's name. Throws std::invalid_argument where the options
  // contradict each other.
  recycler(const char* kind, const recycler_options& options,
           std::pmr::memory_resource* upstream, site where,
           const pool_watch* parent = nullptr);
  recycler(const recycler&) = delete;
  recycler& operator=(const recycler&) = delete;

  // Of `bytes` or more, uninitialized. Fails with invalid_size (0), size_overflow,
  // pool_exhausted (max_outstanding) or out_of_memory, and nothing has changed then.
  result<recycled_block> try_acquire(std::size_t bytes, site where);

  // The same, of exactly capacity_for(bytes): so that `bytes` say what to give back.
  result<recycled_block> try_acquire_exact(std::size_t bytes, site where) {
    return acquire(bytes, where, true, false);
  }
  // The same as try_acquire(), in place of a block that is given back right afterwards.
  result<recycled_block> try_acquire_larger(std::size_t bytes, site where) {
    return acquire(bytes, where, false, true);
  }

  // A throwing function is about to say so: reports what is the caller's fault.
  void report_failure(errc error, std::size_t bytes, site where) const;

  // The next allocation by this thread through the face of a memory_resource, of
  // block.capacity bytes, is this block: how a container gets one that is there already.
  static void hand_over(const recycled_block& block) noexcept { handed_over_ = block; }
  // The same block, if nobody has asked for it.
  static recycled_block take_handed_over() noexcept {
    return std::exchange(handed_over_, {});
  }

  // Takes a block back; `capacity` as it was handed out. False: it is none of this pool's
  // live blocks (tracking only), which was reported, and nothing has changed. With its
  // number: also where it was handed out again since.
  bool release(void* data, std::size_t capacity, site where, bool other_thread = false) {
    return watch_.released(data, where) && take_back(data, capacity, where, other_thread);
  }
  bool release(void* data, std::size_t capacity, block_number number, site where,
               bool other_thread = false) {
    if (!watch_.released(data, number, where)) return false;
    if (options_.thread_cache != 0 && put_in_front(data, capacity, other_thread, where)) {
      return true;
    }
    return take_back(data, capacity, where, other_thread);
  }

  // Of `capacity` bytes so many are in use from now on; the rest is redzone.
  void resized(const recycled_block& block, std::size_t size, site where) {
    watch_.resized(block.data, size, block.capacity - size + pool_watch::space_after(),
                   where);
  }

  // Gives idle blocks back to upstream, those that threads keep, too; the oldest first.
  // How many bytes. clear(): all; shrink(): all but this part (rounded down) of each
  // key's; trim(): until no more than so many bytes are idle.
  std::size_t clear() { return shrink(0.0); }
  std::size_t shrink(double keep);
  std::size_t trim(std::size_t keep_bytes);

  // Waits for all threads where they keep blocks.
  pool_stats stats() const {
    return options_.thread_cache != 0 ? stats_with_front() : own_stats();
  }
  // Of the idle blocks of this size's key: how many.
  std::size_t idle(std::size_t bytes) const;
  // What a request for so many bytes gets; 0: none can be so large.
  std::size_t capacity_for(std::size_t bytes) const noexcept;

  const recycler_options& options() const noexcept { return options_; }
  std::pmr::memory_resource* upstream() const noexcept { return upstream_; }
  pool_watch& watch() noexcept { return watch_; }

  // The pool is gone: idle blocks go back, live ones are reported as
  // pool_destroyed_with_live_blocks. Nobody but holders of blocks may use it any more,
  // and the last release deletes it.
  void retire() noexcept;

 private:
  struct idle_block {
    std::byte* data;
    std::size_t capacity;
  };
  struct idle_list {
    std::vector<idle_block> blocks;  // the top is the one given back last
    std::size_t in_use = 0;
    std::size_t idle_since_look = 0;  // so many were never touched since the last look
  };
  static constexpr std::size_t kBatch = 16;
  struct batch {
    idle_block blocks[kBatch];
    std::size_t count = 0;
    void add(const idle_block& block) { blocks[count++] = block; }
    bool full() const { return count == kBatch; }
  };

  ~recycler() override = default;  // by retire() or the last release
  // Throw as try_acquire() fails, and std::bad_alloc where `alignment` is beyond the
  // blocks' own.
  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override;
  void deallocate_at(void* data, std::size_t bytes, std::size_t alignment,
                     site where) override;
  result<recycled_block> acquire(std::size_t bytes, site where, bool exact,
                                 bool replacing);
  std::unique_lock<std::mutex> lock() const;
  void hand_out(recycled_block& block, std::size_t bytes, site where);
  pool_stats own_stats() const;
  idle_list* find_list(std::size_t capacity);
  idle_list& make_list(std::size_t capacity);
  struct peaks {
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_in_use = 0;
  };
  peaks count_acquired(std::size_t capacity, bool reused);  // those before
  void count_failed(std::size_t capacity, const peaks& before);
  std::byte* get_memory(std::size_t capacity, site where);
  void free(const idle_block& block) noexcept;
  std::size_t free_all(const batch& victims) noexcept;
  bool take_back(void* data, std::size_t capacity, site where, bool other_thread);
  std::size_t check_capacity(void* data, std::size_t capacity, site where);
  bool keep(const idle_block& block, idle_list* list);
  void take_oldest(idle_list& list, std::size_t most, batch& victims);
  void look_for_surplus(batch& victims);
  const char* retains_too_much(const idle_block& kept);

  enum class flushed { all, orphans, for_good };
  front_magazine* my_magazine() noexcept;
  // False: the thread keeps none of this capacity.
  bool take_from_front(recycled_block& block) noexcept;
  // False: it has to be taken back here. The watch has been told.
  bool put_in_front(void* data, std::size_t capacity, bool other_thread, site where);
  void flush_front(flushed which, site where) noexcept;
  pool_stats stats_with_front() const;

  std::size_t slot_bytes(std::size_t capacity) const {
    return pool_watch::space_before(options_.alignment) + capacity +
           pool_watch::space_after();
  }

  static inline constinit thread_local recycled_block handed_over_{};

  [[no_unique_address]] pool_watch watch_;
  [[no_unique_address]] site created_;
  recycler_options options_;
  std::pmr::memory_resource* upstream_;
  mutable std::mutex mutex_;
  std::vector<idle_list> lists_;
  std::unordered_map<std::size_t, std::size_t> exact_;  // size to its place in lists_
  std::size_t next_look_ = 0;                           // list whose turn it is
  std::size_t releases_to_look_ = 0;
  bool closing_ = false;  // nothing is kept any more
  bool retired_ = false;  // the last release ends it
  bool told_retention_ = false;
  std::uint64_t peak_in_use_bytes_ = 0;
  mutable pool_stats stats_;
  // What threads keep. Its mutex comes before the other one.
  mutable std::mutex front_mutex_;
  mutable thread_caches<front_magazine> front_;
  bool front_closed_ = false;
};

struct recycler_retirer {
  void operator()(recycler* engine) const noexcept { engine->retire(); }
};
// How a pool has its recycler.
using recycler_owner = std::unique_ptr<recycler, recycler_retirer>;

}  // namespace detail
MEMOIR_END

#include "memoir/detail/recycler_front.h"
#include "memoir/detail/recycler_impl.h"
#include "memoir/detail/recycler_trim.h"
