#pragma once

// Idle blocks of all size classes that each thread keeps for itself, so that handing out
// and taking back are a few instructions without a lock; and a depot, which takes half a
// bin at a time for all threads.
//
//   thread A: [bins] <---- pop() push() ----   pool   <---- drain() from any thread
//   thread B: [bins] <---- half of a bin at a time ----> depot
//
// Thread safety: all functions from any thread.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "memoir/detail/thread_caches.h"
#include "memoir/size_class.h"

MEMOIR_BEGIN
namespace detail {

// The index of the class that so many bytes get; a table for the small ones.
inline std::size_t class_index_of(std::size_t bytes) noexcept {
  constexpr std::size_t kLargest = 1024;
  static constexpr auto kSmall = [] {
    std::array<std::uint8_t, kLargest / 16 + 1> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] = static_cast<std::uint8_t>(size_class_index(size_class(i * 16)));
    }
    return table;
  }();
  if (bytes <= kLargest) return kSmall[(bytes + 15) / 16];
  return size_class_index(size_class(bytes));
}

// The size of the class with this index.
constexpr std::size_t class_bytes_of(std::size_t index) noexcept {
  if (index < 4) return (index + 1) * 16;
  const std::size_t step = std::size_t{16} << ((index - 4) / 4);
  return 4 * step + ((index - 4) % 4 + 1) * step;
}
static_assert(class_bytes_of(3) == 64 && class_bytes_of(4) == 80 &&
              class_bytes_of(7) == 128 && class_bytes_of(8) == 160);

class class_cache : public thread_cache {
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

  using thread_cache::thread_cache;

  struct bin {
    std::unique_ptr<void*[]> blocks;  // made with the first one
    std::uint32_t count = 0;
    std::uint32_t most = 0;
  };
  bin& operator[](std::size_t index) noexcept { return bins_[index]; }
  std::array<bin, kBins>& bins() noexcept { return bins_; }

  // A block of this class, or null.
  void* pop(std::size_t index) noexcept {
    if (!lock.enter()) [[unlikely]]
      return nullptr;
    bin& one = bins_[index];
    void* const block = one.count != 0 ? one.blocks[--one.count] : nullptr;
    lock.leave();
    return block;
  }
  // False: the bin is full, or the pool's.
  bool push(std::size_t index, void* block) noexcept {
    if (!lock.enter()) [[unlikely]]
      return false;
    bin& one = bins_[index];
    const bool room = one.count != one.most;
    if (room) one.blocks[one.count++] = block;
    lock.leave();
    return room;
  }

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
  static void add(std::atomic<std::uint64_t>& sum, std::uint64_t value) noexcept {
    sum.store(sum.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }

  std::array<bin, kBins> bins_{};
};

// What went through all caches of a pool, or past them.
struct cache_figures {
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_back = 0;
  std::uint64_t hits = 0;
};

class class_caches {
 public:
  // Gets each block that leaves for the pool.
  using give_back = void (*)(void* pool, void* block) noexcept;

  // `most_in_depot`: blocks of a class that wait for other threads, at the most.
  class_caches(void* pool, give_back function, std::size_t most_in_depot)
      : pool_{pool}, give_back_{function}, most_in_depot_{most_in_depot} {}
  class_caches(const class_caches&) = delete;
  class_caches& operator=(const class_caches&) = delete;

  // Of the calling thread, if it is at hand.
  class_cache* at_hand() const noexcept { return caches_.at_hand(); }
  // The same; made with the first use. Null: the thread is about to end, there is no
  // memory, or close() was called.
  class_cache* of_thread() noexcept {
    class_cache* const known = at_hand();
    if (known != nullptr && !caches_.may_have_orphans()) return known;
    const std::lock_guard lock{mutex_};
    if (closed_) return nullptr;
    class_cache* const mine = caches_.of_thread(
        [](thread_life& life) { return new (std::nothrow) class_cache{life}; });
    caches_.note_ended();
    caches_.for_each([&](class_cache& one) {
      if (one.is_orphan()) move_to_depot(one);
    });
    return mine;
  }

  // Puts a block into the bin, and makes room where there is none. False: the pool has to
  // take it itself.
  bool push_with_room(class_cache& cache, std::size_t index, void* block) noexcept {
    return cache.push(index, block) ||
           (make_room(cache, index) && cache.push(index, block));
  }

  // A block that other threads left, and more of them for the bin; or null. By the
  // cache's thread.
  void* take_from_depot(class_cache& cache, std::size_t index) noexcept {
    if (depot_[index].count.load(std::memory_order_relaxed) == 0) return nullptr;
    const std::lock_guard lock{mutex_};  // nobody drains meanwhile
    std::vector<void*>& left = depot_[index].blocks;
    if (left.empty()) return nullptr;
    void* const block = left.back();
    left.pop_back();
    class_cache::bin& bin = cache[index];
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
    if (closed_) return;
    take_all();
    caches_.allow();
  }
  // For good: threads get none any more. A thread that is giving blocks back just now
  // still does; they are blocks of the pool's that are out.
  void close() noexcept {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    take_all();
    closed_ = true;
  }

  // How many blocks and bytes lie in caches. Waits as drain() does.
  struct contents {
    std::size_t blocks = 0;
    std::size_t bytes = 0;
  };
  contents count() noexcept {
    contents sum;
    const auto add = [&](std::size_t index, std::size_t blocks) {
      sum.blocks += blocks;
      sum.bytes += blocks * class_bytes_of(index);
    };
    const std::lock_guard lock{mutex_};
    if (closed_) return sum;
    caches_.revoke();
    caches_.for_each([&](class_cache& one) {
      for (std::size_t i = 0; i < class_cache::kBins; ++i) add(i, one[i].count);
    });
    caches_.allow();
    for (std::size_t i = 0; i < class_cache::kBins; ++i) add(i, depot_[i].blocks.size());
    return sum;
  }

  cache_figures figures() const noexcept {
    const std::lock_guard lock{mutex_};
    cache_figures sum;
    caches_.for_each([&](const class_cache& one) {
      sum.bytes_out += one.bytes_out.load(std::memory_order_relaxed);
      sum.bytes_back += one.bytes_back.load(std::memory_order_relaxed);
      sum.hits += one.hits.load(std::memory_order_relaxed);
    });
    return sum;
  }

 private:
  static constexpr std::size_t kMostDepotBytes = std::size_t{4} << 20;  // of a class
  struct depot_bin {
    std::atomic<std::size_t> count{0};
    std::vector<void*> blocks;
  };

  // Half of the bin goes to the pool, so that neither a series of blocks that come back
  // nor one that go out meets the pool each time. By the cache's thread.
  [[gnu::noinline]] bool make_room(class_cache& cache, std::size_t index) noexcept {
    std::array<void*, class_cache::kMostBlocks> leaving;
    std::size_t count = 0;
    std::unique_ptr<void*[]> blocks;
    const std::size_t most = class_cache::most_of(class_bytes_of(index));
    if (cache[index].most == 0) {
      blocks.reset(new (std::nothrow) void*[most]);
      if (blocks == nullptr) return false;
    }
    if (!cache.lock.enter()) return false;
    class_cache::bin& bin = cache[index];
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
    cache.lock.leave();
    if (count == 0) return true;
    std::unique_lock lock{mutex_};
    const bool kept = put_into_depot(index, leaving.data(), count);
    lock.unlock();
    if (!kept) give_all_back(leaving.data(), count);
    return true;
  }

  // With the lock. What leaves a full bin waits for any thread's empty one. False: there
  // is enough.
  bool put_into_depot(std::size_t index, void* const* blocks,
                      std::size_t count) noexcept {
    std::vector<void*>& left = depot_[index].blocks;
    if (closed_ || left.size() + count > most_in_depot_ ||
        (left.size() + count) * class_bytes_of(index) > kMostDepotBytes)
      return false;
    try {
      left.insert(left.end(), blocks, blocks + count);
    } catch (...) {
      return false;
    }
    depot_[index].count.store(left.size(), std::memory_order_relaxed);
    return true;
  }

  // With the lock, of a cache whose thread is gone.
  void move_to_depot(class_cache& cache) noexcept {
    for (std::size_t i = 0; i < class_cache::kBins; ++i) {
      class_cache::bin& bin = cache[i];
      if (bin.count == 0) continue;
      if (!put_into_depot(i, bin.blocks.get(), bin.count)) {
        give_all_back(bin.blocks.get(), bin.count);
      }
      bin.count = 0;
    }
  }

  // With the lock.
  void take_all() noexcept {
    caches_.revoke();
    caches_.for_each([&](class_cache& one) {
      for (class_cache::bin& bin : one.bins()) {
        give_all_back(bin.blocks.get(), std::exchange(bin.count, 0));
      }
    });
    for (depot_bin& one : depot_) {
      give_all_back(one.blocks.data(), one.blocks.size());
      one.blocks.clear();
      one.count.store(0, std::memory_order_relaxed);
    }
  }

  // The last one first.
  void give_all_back(void* const* blocks, std::size_t count) noexcept {
    while (count != 0) give_back_(pool_, blocks[--count]);
  }

  thread_caches<class_cache> caches_;
  mutable std::mutex mutex_;
  void* const pool_;
  bool closed_ = false;
  const give_back give_back_;
  const std::size_t most_in_depot_;
  std::array<depot_bin, class_cache::kBins> depot_;
};

}  // namespace detail
MEMOIR_END
