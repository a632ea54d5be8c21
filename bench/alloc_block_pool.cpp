// block_pool, unique_buffer and shared_buffer beside what they stand for.
//
//   alloc_block_pool_plain --benchmark_filter=pair      one block of 64 bytes comes and
//   goes alloc_block_pool_plain --benchmark_filter=batch     32 come, then 32 go
//   alloc_block_pool_plain --benchmark_filter=unique    pt::memory's own list
//
// _plain has tracking off, _tracked on. Rows: PT-P1, PT-U9

#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <vector>

#include "memoir/block_pool.h"
#include "memoir/buffer/shared_buffer.h"

#if __has_include(<boost/pool/pool.hpp>)
#define WITH_BOOST 1
#include <boost/pool/pool.hpp>
#endif

namespace {

constexpr std::size_t kBatch = 32;

// Where blocks come from: take() and give(). Each is shared by all threads.
template <std::size_t Bytes>
struct from_malloc {
  void* take() { return std::malloc(Bytes); }
  void give(void* block) { std::free(block); }
};

template <std::size_t Bytes>
struct from_new {
  void* take() { return new char[Bytes]; }
  void give(void* block) { delete[] static_cast<char*>(block); }
};

template <std::size_t Bytes>
struct from_synchronized {
  std::pmr::synchronized_pool_resource pool;
  void* take() { return pool.allocate(Bytes); }
  void give(void* block) { pool.deallocate(block, Bytes); }
};

// One thread only.
template <std::size_t Bytes>
struct from_unsynchronized {
  std::pmr::unsynchronized_pool_resource pool;
  void* take() { return pool.allocate(Bytes); }
  void give(void* block) { pool.deallocate(block, Bytes); }
};

#ifdef WITH_BOOST
template <std::size_t Bytes>
struct from_boost {
  boost::pool<> pool{Bytes};
  void* take() { return pool.malloc(); }
  void give(void* block) { pool.free(block); }
};

// What boost offers for several threads.
template <std::size_t Bytes>
struct from_boost_locked {
  boost::pool<> pool{Bytes};
  std::mutex mutex;
  void* take() {
    const std::lock_guard lock{mutex};
    return pool.malloc();
  }
  void give(void* block) {
    const std::lock_guard lock{mutex};
    pool.free(block);
  }
};
#endif

template <class From>
From& shared() {
  static From from;
  return from;
}

template <class From>
void pair(benchmark::State& state) {
  From& from = shared<From>();
  for (auto _ : state) {
    auto* block = static_cast<char*>(from.take());
    *block = 1;
    benchmark::DoNotOptimize(block);
    from.give(block);
  }
}

template <class From>
void batch(benchmark::State& state) {
  From& from = shared<From>();
  std::array<void*, kBatch> blocks;
  for (auto _ : state) {
    for (void*& block : blocks) {
      block = from.take();
      *static_cast<char*>(block) = 1;
    }
    benchmark::DoNotOptimize(blocks);
    for (void* block : blocks) from.give(block);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

template <std::size_t Bytes, std::size_t AtHand>
memoir::block_pool<char, 16>& block_pool() {
  static memoir::block_pool<char, 16> pool(Bytes, 1024, {.thread_blocks = AtHand});
  return pool;
}

template <std::size_t Bytes, std::size_t AtHand = 64>
void pair_block_pool(benchmark::State& state) {
  auto& pool = block_pool<Bytes, AtHand>();
  for (auto _ : state) {
    memoir::unique_buffer<char> block = pool.acquire();
    *block.data() = 1;
    benchmark::DoNotOptimize(block.data());
  }
}

template <std::size_t Bytes>
void batch_block_pool(benchmark::State& state) {
  auto& pool = block_pool<Bytes, 64>();
  std::array<memoir::unique_buffer<char>, kBatch> blocks;
  for (auto _ : state) {
    for (auto& block : blocks) {
      block = pool.acquire();
      *block.data() = 1;
    }
    benchmark::DoNotOptimize(blocks);
    for (auto& block : blocks) block.reset();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

#define THREADS ->Threads(1)->Threads(2)->Threads(4)->UseRealTime()
#define PAIRS(Bytes)                                          \
  BENCHMARK(pair_block_pool<Bytes>) THREADS;                  \
  BENCHMARK(pair<from_malloc<Bytes>>) THREADS;                \
  BENCHMARK(pair<from_synchronized<Bytes>>) THREADS;          \
  BENCHMARK(pair<from_unsynchronized<Bytes>>)->UseRealTime(); \
  BENCHMARK(batch_block_pool<Bytes>) THREADS;                 \
  BENCHMARK(batch<from_malloc<Bytes>>) THREADS;               \
  BENCHMARK(batch<from_synchronized<Bytes>>) THREADS;         \
  BENCHMARK(batch<from_unsynchronized<Bytes>>)->UseRealTime();
PAIRS(64)
PAIRS(1024)
PAIRS(4096)
// One stack for all threads.
void pair_block_pool_locked(benchmark::State& state) { pair_block_pool<64, 0>(state); }
BENCHMARK(pair_block_pool_locked) THREADS;
BENCHMARK(pair<from_new<64>>) THREADS;
#ifdef WITH_BOOST
BENCHMARK(pair<from_boost<64>>)->UseRealTime();
BENCHMARK(pair<from_boost_locked<64>>) THREADS;
BENCHMARK(batch<from_boost<64>>)->UseRealTime();
BENCHMARK(batch<from_boost_locked<64>>) THREADS;
#endif

// Everything there is comes and goes, which is pt's "reuse all".
void pool_reuse_all(benchmark::State& state) {
  memoir::block_pool<int> pool(16, 1000);
  std::vector<memoir::unique_buffer<int>> all(1000);
  for (auto _ : state) {
    for (auto& one : all) one = pool.acquire();
    for (auto& one : all) one.reset();
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(pool_reuse_all);

// A producer and a consumer: blocks go round by way of the common stack.
void pool_hand_over(benchmark::State& state) {
  static memoir::block_pool<int> pool(16, 1024);
  static std::mutex mutex;
  static std::vector<memoir::unique_buffer<int>> queue;
  std::vector<memoir::unique_buffer<int>> mine;
  for (auto _ : state) {
    if (state.thread_index() % 2 == 0) {
      for (std::size_t i = 0; i < kBatch; ++i) {
        if (auto one = pool.try_acquire(); one.has_value())
          mine.push_back(*std::move(one));
      }
      const std::lock_guard lock{mutex};
      for (auto& one : mine) queue.push_back(std::move(one));
    } else {
      const std::lock_guard lock{mutex};
      mine.swap(queue);
    }
    mine.clear();
  }
  if (state.thread_index() == 0) queue.clear();
}
BENCHMARK(pool_hand_over)->Threads(2)->UseRealTime();

using memoir::shared_buffer;
using memoir::unique_buffer;

constexpr auto kDeleteArray = [](int* memory) { delete[] memory; };

// pt::memory's list: unique.
void unique_construct_empty(benchmark::State& state) {
  for (auto _ : state) {
    unique_buffer<int> buffer;
    benchmark::DoNotOptimize(buffer);
  }
}
void unique_allocate(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    unique_buffer<int> buffer(count);
    benchmark::DoNotOptimize(buffer.data());
  }
}
void unique_allocate_raw(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    int* memory = new int[count];
    benchmark::DoNotOptimize(memory);
    delete[] memory;
  }
}
void unique_allocate_std(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    auto memory = std::make_unique_for_overwrite<int[]>(count);
    benchmark::DoNotOptimize(memory.get());
  }
}
void unique_adopt(benchmark::State& state) {
  for (auto _ : state) {
    unique_buffer<int> buffer(new int[16], 16, kDeleteArray);
    benchmark::DoNotOptimize(buffer.data());
  }
}
void unique_adopt_with_state(benchmark::State& state) {
  for (auto _ : state) {
    unique_buffer<int> buffer(new int[16], 16, [&state](int* memory) {
      benchmark::DoNotOptimize(&state);
      delete[] memory;
    });
    benchmark::DoNotOptimize(buffer.data());
  }
}
void unique_move(benchmark::State& state) {
  unique_buffer<int> a(16);
  unique_buffer<int> b;
  for (auto _ : state) {
    b = std::move(a);
    a = unique_buffer<int>(std::move(b));
    benchmark::DoNotOptimize(a);
  }
}
void unique_size_and_get(benchmark::State& state) {
  unique_buffer<int> buffer(16);
  for (auto _ : state) {
    benchmark::DoNotOptimize(buffer.size());
    benchmark::DoNotOptimize(buffer.get());
    benchmark::DoNotOptimize(buffer == nullptr);
    benchmark::DoNotOptimize(static_cast<bool>(buffer));
  }
}
void unique_release_and_adopt(benchmark::State& state) {
  unique_buffer<int> buffer(16);
  for (auto _ : state) buffer = buffer.release().adopt();
}
void unique_reset(benchmark::State& state) {
  unique_buffer<int> buffer;
  for (auto _ : state) {
    buffer = unique_buffer<int>(16);
    buffer.reset();
  }
}
void unique_view(benchmark::State& state) {
  unique_buffer<int> buffer(16);
  for (auto _ : state) benchmark::DoNotOptimize(buffer.view());
}
void unique_sum(benchmark::State& state) {
  unique_buffer<int> buffer(1024);
  std::fill(buffer.begin(), buffer.end(), 1);
  for (auto _ : state) {
    int sum = 0;
    for (std::size_t i = 0; i < buffer.size(); ++i) sum += buffer[i];
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(unique_construct_empty);
BENCHMARK(unique_allocate)->Arg(1)->Arg(1 << 20);
BENCHMARK(unique_allocate_raw)->Arg(1)->Arg(1 << 20);
BENCHMARK(unique_allocate_std)->Arg(1)->Arg(1 << 20);
BENCHMARK(unique_adopt);
BENCHMARK(unique_adopt_with_state);
BENCHMARK(unique_move);
BENCHMARK(unique_size_and_get);
BENCHMARK(unique_release_and_adopt);
BENCHMARK(unique_reset);
BENCHMARK(unique_view);
BENCHMARK(unique_sum);

// shared.
void shared_construct(benchmark::State& state) {
  for (auto _ : state) {
    shared_buffer<int> buffer(16);
    benchmark::DoNotOptimize(buffer.data());
  }
}
void shared_construct_std(benchmark::State& state) {
  for (auto _ : state) {
    std::shared_ptr<int[]> buffer(new int[16]);
    benchmark::DoNotOptimize(buffer.get());
  }
}
void shared_copy(benchmark::State& state) {
  static shared_buffer<int> buffer(16);
  for (auto _ : state) {
    shared_buffer<int> copy = buffer;
    benchmark::DoNotOptimize(copy.data());
  }
}
void shared_copy_std(benchmark::State& state) {
  static std::shared_ptr<int[]> buffer(new int[16]);
  for (auto _ : state) {
    std::shared_ptr<int[]> copy = buffer;
    benchmark::DoNotOptimize(copy.get());
  }
}
void shared_move(benchmark::State& state) {
  shared_buffer<int> a(16);
  shared_buffer<int> b;
  for (auto _ : state) {
    b = std::move(a);
    a = std::move(b);
    benchmark::DoNotOptimize(a);
  }
}
void shared_from_unique(benchmark::State& state) {
  for (auto _ : state) {
    shared_buffer<int> buffer = unique_buffer<int>(16);
    benchmark::DoNotOptimize(buffer.use_count());
  }
}
void shared_hundred_copies(benchmark::State& state) {
  shared_buffer<int> buffer(16);
  std::vector<shared_buffer<int>> copies;
  copies.reserve(100);
  for (auto _ : state) {
    for (int i = 0; i < 100; ++i) copies.push_back(buffer);
    copies.clear();
  }
}
void shared_release(benchmark::State& state) {
  for (auto _ : state) shared_buffer<int>(16).release()->free();
}
void shared_span(benchmark::State& state) {
  shared_buffer<int> buffer(16);
  for (auto _ : state) {
    benchmark::DoNotOptimize(buffer.span());
    benchmark::DoNotOptimize(buffer.view());
  }
}
BENCHMARK(shared_construct);
BENCHMARK(shared_construct_std);
BENCHMARK(shared_copy)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(shared_copy_std)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(shared_move);
BENCHMARK(shared_from_unique);
BENCHMARK(shared_hundred_copies);
BENCHMARK(shared_release);
BENCHMARK(shared_span);

}  // namespace

BENCHMARK_MAIN();
