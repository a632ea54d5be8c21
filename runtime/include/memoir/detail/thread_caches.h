#pragma once

// Idle blocks of a pool that each thread keeps for itself, so that handing out and taking
// back are a few instructions without a lock. One thread_caches per pool; it has one
// thread_cache for each thread that used the pool.
//
//   thread A: [bins] <---- pop() push() ----   pool   <---- drain() from any thread
//   thread B: [bins] <---- half of a bin at a time ----> depot, for all threads
//
// The thread alone works on its bins, between enter() and leave(). Whoever drains them
// takes them away first: it sets `revoked`, makes all threads see that, and waits until
// nobody is inside (asymmetric_barrier.h). A thread that finds its bins revoked goes to
// the pool itself.
//
// Shared by the pool and the threads: the pool ends with close(), a thread when it exits;
// the last one deletes it. Thread safety: all functions from any thread.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "memoir/detail/asymmetric_barrier.h"
#include "memoir/size_class.h"

MEMOIR_BEGIN
namespace detail {

class thread_cache {
 public:
  // Blocks above this size are not kept by threads.
  static constexpr std::size_t kLargestBlock = std::size_t{1} << 20;
  static constexpr std::size_t kBins = size_class_index(kLargestBlock) + 1;
  static constexpr std::size_t kMostBlocks = 64;

  // How many blocks of a class one thread keeps.
  static constexpr std::size_t most_of(std::size_t class_bytes) {
    constexpr std::size_t kMostBytes = std::size_t{256} << 10;
    const std::size_t fit = kMostBytes / class_bytes;
    return fit < 2 ? 2 : fit > kMostBlocks ? kMostBlocks : fit;
  }

  struct bin {
    std::unique_ptr<void*[]> blocks;  // made with the first one
    std::uint32_t count = 0;
    std::uint32_t most = 0;
  };

  // False: the bins are somebody else's now.
  bool enter() noexcept {
    store_with_light_barrier(busy_, true);
    if (!revoked_.load(std::memory_order_acquire)) [[likely]]
      return true;
    leave();
    return false;
  }
  void leave() noexcept { busy_.store(false, std::memory_order_release); }

  bin& operator[](std::size_t index) noexcept { return bins_[index]; }

  // Figures of what went through this cache; written by its thread alone.
  void count_out(std::uint64_t bytes) noexcept {
    add(bytes_out, bytes);
    add(hits, 1);
  }
  void count_back(std::uint64_t bytes) noexcept { add(bytes_back, bytes); }
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<std::uint64_t> bytes_back{0};
  std::atomic<std::uint64_t> hits{0};

 private:
  friend class thread_caches;

  static void add(std::atomic<std::uint64_t>& sum, std::uint64_t value) noexcept {
    sum.store(sum.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }
  // By whoever revokes; not for the thread itself.
  void wait_until_left() const noexcept {
    while (busy_.load(std::memory_order_acquire)) std::this_thread::yield();
  }

  std::atomic<bool> busy_{false};
  std::atomic<bool> revoked_{false};
  std::array<bin, kBins> bins_{};
};

// What went through all caches of a pool, or past them.
struct cache_figures {
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_back = 0;
  std::uint64_t hits = 0;

  void add(const thread_cache& one) noexcept {
    bytes_out += one.bytes_out.load(std::memory_order_relaxed);
    bytes_back += one.bytes_back.load(std::memory_order_relaxed);
    hits += one.hits.load(std::memory_order_relaxed);
  }
};

class thread_caches {
 public:
  // Gets each block that leaves a cache for the pool.
  using give_back = void (*)(void* pool, void* block) noexcept;

  // `most_in_depot`: blocks of a class that wait for other threads, at the most.
  thread_caches(void* pool, give_back function, std::size_t most_in_depot)
      : pool_{pool}, give_back_{function}, most_in_depot_{most_in_depot} {}
  thread_caches(const thread_caches&) = delete;
  thread_caches& operator=(const thread_caches&) = delete;

  std::uint64_t id() const noexcept { return id_; }

  // Of the calling thread, if it is at hand; `id` is the pool's.
  static thread_cache* at_hand(std::uint64_t id) noexcept {
    const slot& place = slots()[id % kSlots];
    return place.pool == id ? place.cache : nullptr;
  }
  // Of the calling thread; made with the first use. Null: the thread is about to end, or
  // there is no memory.
  static thread_cache* of_thread(const std::shared_ptr<thread_caches>& caches) noexcept {
    thread_cache* cache = at_hand(caches->id_);
    return cache != nullptr ? cache : find_or_make(caches);
  }

  // A block of this class, or null.
  static void* pop(thread_cache& cache, std::size_t index) noexcept {
    if (!cache.enter()) [[unlikely]]
      return nullptr;
    thread_cache::bin& bin = cache[index];
    void* block = bin.count != 0 ? bin.blocks[--bin.count] : nullptr;
    cache.leave();
    return block;
  }

  // False: the bin is full, or the pool's.
  static bool push(thread_cache& cache, std::size_t index, void* block) noexcept {
    if (!cache.enter()) [[unlikely]]
      return false;
    thread_cache::bin& bin = cache[index];
    const bool room = bin.count != bin.most;
    if (room) bin.blocks[bin.count++] = block;
    cache.leave();
    return room;
  }
  // The same, and makes room where there is none. False: the pool has to take it itself.
  bool push_with_room(thread_cache& cache, std::size_t index, std::size_t class_bytes,
                      void* block) noexcept {
    return push(cache, index, block) ||
           (make_room(cache, index, class_bytes) && push(cache, index, block));
  }

  // A block that other threads left, and more of them for the bin; or null. By the
  // cache's thread.
  void* take_from_depot(thread_cache& cache, std::size_t index) noexcept {
    if (depot_[index].count.load(std::memory_order_relaxed) == 0) return nullptr;
    const std::lock_guard lock{mutex_};  // nobody drains meanwhile
    std::vector<void*>& left = depot_[index].blocks;
    if (left.empty()) return nullptr;
    void* const block = left.back();
    left.pop_back();
    thread_cache::bin& bin = cache[index];
    while (bin.count < bin.most / 2 && !left.empty()) {
      bin.blocks[bin.count++] = left.back();
      left.pop_back();
    }
    depot_[index].count.store(left.size(), std::memory_order_relaxed);
    return block;
  }

  // All blocks of all threads go to the pool.
  void drain() noexcept {
    const std::lock_guard lock{mutex_};
    take_all(false);
  }
  // For good: threads get none any more. A thread that is giving blocks back just now
  // still does; they are blocks of the pool's that are out.
  void close() noexcept {
    const std::lock_guard lock{mutex_};
    take_all(true);
    closed_ = true;
  }

  // How many blocks and bytes lie in caches. Waits as drain() does.
  struct contents {
    std::size_t blocks = 0;
    std::size_t bytes = 0;
  };
  template <class Size>
  contents count(Size size_of_class) noexcept {
    contents sum;
    const std::lock_guard lock{mutex_};
    revoke();
    for (const auto& cache : caches_) {
      for (std::size_t i = 0; i < thread_cache::kBins; ++i) {
        sum.blocks += cache->bins_[i].count;
        sum.bytes += cache->bins_[i].count * size_of_class(i);
      }
      if (!closed_) cache->revoked_.store(false, std::memory_order_release);
    }
    for (std::size_t i = 0; i < thread_cache::kBins; ++i) {
      sum.blocks += depot_[i].blocks.size();
      sum.bytes += depot_[i].blocks.size() * size_of_class(i);
    }
    return sum;
  }

  cache_figures figures() const noexcept {
    const std::lock_guard lock{mutex_};
    cache_figures sum = ended_;
    for (const auto& cache : caches_) sum.add(*cache);
    return sum;
  }

 private:
  static constexpr std::size_t kSlots = 8;
  static constexpr std::size_t kMostDepotBytes = std::size_t{4} << 20;  // of a class
  struct depot_bin {
    std::atomic<std::size_t> count{0};
    std::vector<void*> blocks;
  };
  struct slot {
    std::uint64_t pool = 0;
    thread_cache* cache = nullptr;
  };
  struct membership {
    std::shared_ptr<thread_caches> caches;
    thread_cache* cache;
  };
  // The caches of a thread, which end with it.
  struct thread_record {
    std::vector<membership> all;
    ~thread_record() {
      is_ending() = true;
      slots() = {};
      for (const membership& one : all) one.caches->end_thread(one.cache);
    }
  };

  static std::array<slot, kSlots>& slots() noexcept {
    static constinit thread_local std::array<slot, kSlots> mine{};
    return mine;
  }
  static bool& is_ending() noexcept {
    static constinit thread_local bool ending = false;
    return ending;
  }

  [[gnu::noinline]] static thread_cache* find_or_make(
      const std::shared_ptr<thread_caches>& caches) noexcept {
    if (is_ending()) return nullptr;
    thread_local thread_record mine;
    slot& place = slots()[caches->id_ % kSlots];
    for (const membership& one : mine.all) {
      if (one.caches == caches) {
        place = {caches->id_, one.cache};
        return one.cache;
      }
    }
    try {
      // Those of pools that have ended go first.
      std::erase_if(mine.all, [](const membership& one) {
        if (!one.caches->is_closed()) return false;
        slot& old = slots()[one.caches->id_ % kSlots];
        if (old.pool == one.caches->id_) old = {};
        one.caches->end_thread(one.cache);
        return true;
      });
      mine.all.reserve(mine.all.size() + 1);
      thread_cache* cache = caches->add_thread();
      if (cache == nullptr) return nullptr;
      mine.all.push_back({caches, cache});
      place = {caches->id_, cache};
      return cache;
    } catch (...) {
      return nullptr;
    }
  }

  bool is_closed() const noexcept {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

  thread_cache* add_thread() {
    auto cache = std::make_unique<thread_cache>();
    const std::lock_guard lock{mutex_};
    if (closed_) return nullptr;
    caches_.push_back(std::move(cache));
    return caches_.back().get();
  }

  void end_thread(thread_cache* cache) noexcept {
    const std::lock_guard lock{mutex_};
    if (!closed_) empty(*cache);
    ended_.add(*cache);
    std::erase_if(caches_, [&](const auto& one) { return one.get() == cache; });
  }

  // Half of the bin goes to the pool, so that neither a series of blocks that come back
  // nor one that go out meets the pool each time. By the cache's thread.
  [[gnu::noinline]] bool make_room(thread_cache& cache, std::size_t index,
                                   std::size_t class_bytes) noexcept {
    std::array<void*, thread_cache::kMostBlocks> leaving;
    std::size_t count = 0;
    std::unique_ptr<void*[]> blocks;
    const std::size_t most = thread_cache::most_of(class_bytes);
    if (cache[index].most == 0) {
      blocks.reset(new (std::nothrow) void*[most]);
      if (blocks == nullptr) return false;
    }
    if (!cache.enter()) return false;
    thread_cache::bin& bin = cache[index];
    if (bin.most == 0) {
      bin.blocks = std::move(blocks);
      bin.most = static_cast<std::uint32_t>(most);
    }
    // The oldest, at the bottom, are the coldest.
    if (bin.count == bin.most) {
      count = (bin.count + 1) / 2;
      for (std::size_t i = 0; i < count; ++i) leaving[i] = bin.blocks[i];
      bin.count -= static_cast<std::uint32_t>(count);
      for (std::size_t i = 0; i < bin.count; ++i) bin.blocks[i] = bin.blocks[i + count];
    }
    cache.leave();
    if (!put_into_depot(index, class_bytes, leaving.data(), count)) {
      for (std::size_t i = 0; i < count; ++i) give_back_(pool_, leaving[i]);
    }
    return true;
  }

  // What leaves a full bin waits for any thread's empty one. False: there is enough.
  bool put_into_depot(std::size_t index, std::size_t class_bytes, void* const* blocks,
                      std::size_t count) noexcept {
    const std::lock_guard lock{mutex_};
    std::vector<void*>& left = depot_[index].blocks;
    if (closed_ || left.size() + count > most_in_depot_ ||
        (left.size() + count) * class_bytes > kMostDepotBytes)
      return false;
    try {
      left.insert(left.end(), blocks, blocks + count);
    } catch (...) {
      return false;
    }
    depot_[index].count.store(left.size(), std::memory_order_relaxed);
    return true;
  }

  void revoke() noexcept {
    for (const auto& cache : caches_) cache->revoked_.store(true);
    heavy_barrier();
    for (const auto& cache : caches_) cache->wait_until_left();
  }
  void take_all(bool for_good) noexcept {
    if (closed_) return;
    revoke();
    for (const auto& cache : caches_) {
      empty(*cache);
      if (!for_good) cache->revoked_.store(false, std::memory_order_release);
    }
    for (depot_bin& one : depot_) {
      for (void* block : one.blocks) give_back_(pool_, block);
      one.blocks.clear();
      one.count.store(0, std::memory_order_relaxed);
    }
  }
  void empty(thread_cache& cache) noexcept {
    for (thread_cache::bin& bin : cache.bins_) {
      while (bin.count != 0) give_back_(pool_, bin.blocks[--bin.count]);
    }
  }

  static inline std::atomic<std::uint64_t> next_id_{1};

  const std::uint64_t id_{next_id_.fetch_add(1, std::memory_order_relaxed)};
  mutable std::mutex mutex_;
  void* const pool_;
  bool closed_ = false;
  const give_back give_back_;
  const std::size_t most_in_depot_;
  std::vector<std::unique_ptr<thread_cache>> caches_;
  cache_figures ended_;  // of threads that are gone
  std::array<depot_bin, thread_cache::kBins> depot_;
};

}  // namespace detail
MEMOIR_END
