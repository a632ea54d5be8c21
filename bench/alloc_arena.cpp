// What arenas cost beside malloc() and std::pmr::monotonic_buffer_resource, with and
// without growth, and how often a small one has to be reset.
//
//   alloc_arena_plain --benchmark_repetitions=5
//
// Rows: BJ-P1, BJ-P2, FQ-P4

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory_resource>
#include <random>
#include <span>
#include <vector>

#include "memoir/arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "memoir/scoped_allocator.h"

namespace {

// A batch of blocks comes one by one and goes in whichever way is the type's own; times
// and rates are of one block.
constexpr int kBatch = 256;

void per_block(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kBatch);
}

void batch_malloc(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  void* all[kBatch];
  for (auto _ : state) {
    for (void*& one : all) benchmark::DoNotOptimize(one = std::malloc(bytes));
    for (void* one : all) std::free(one);
  }
  per_block(state);
}

void batch_monotonic(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  std::vector<std::byte> memory(bytes * kBatch + 64);
  for (auto _ : state) {
    std::pmr::monotonic_buffer_resource arena{memory.data(), memory.size()};
    for (int i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(arena.allocate(bytes, 8));
    }
  }
  per_block(state);
}

void batch_arena(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  memoir::arena arena{bytes * kBatch + 64};
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(arena.allocate(bytes, 8));
    }
    arena.reset();
  }
  per_block(state);
}

// Sizes in no order, so that half of the blocks need padding.
const std::vector<std::size_t>& mixed_sizes() {
  static const std::vector<std::size_t> sizes = [] {
    std::vector<std::size_t> all;
    std::minstd_rand random{1};
    for (int i = 0; i < 16 * kBatch; ++i) all.push_back(8 * (1 + random() / 64 % 16));
    return all;
  }();
  return sizes;
}
std::span<const std::size_t> next_sizes(std::size_t& at) {
  at = (at + kBatch) % mixed_sizes().size();
  return std::span{mixed_sizes()}.subspan(at, kBatch);
}

void mixed_malloc(benchmark::State& state) {
  void* all[kBatch];
  std::size_t at = 0;
  for (auto _ : state) {
    void** next = all;
    for (const std::size_t bytes : next_sizes(at)) {
      benchmark::DoNotOptimize(*next++ = std::malloc(bytes));
    }
    for (void* one : all) std::free(one);
  }
  per_block(state);
}

void mixed_arena(benchmark::State& state) {
  memoir::arena arena{144 * kBatch};
  std::size_t at = 0;
  for (auto _ : state) {
    for (const std::size_t bytes : next_sizes(at)) {
      benchmark::DoNotOptimize(arena.allocate(bytes, 16));
    }
    arena.reset();
  }
  per_block(state);
}

void batch_scoped(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    memoir::scoped_allocator scope{bytes * kBatch + 64};
    for (int i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(scope.allocate(bytes, 8));
    }
  }
  per_block(state);
}

void batch_tensors(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) / sizeof(double);
  memoir::tensor_arena<double> arena{count * kBatch};
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(arena.alloc(count).data());
    }
    arena.reset();
  }
  per_block(state);
}

// One block comes and goes.
void pair_malloc(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    void* one = std::malloc(bytes);
    benchmark::DoNotOptimize(one);
    std::free(one);
  }
}

void pair_tensor(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) / sizeof(double);
  memoir::tensor_arena<double> arena{2 * count};
  benchmark::DoNotOptimize(arena.alloc(count).data());  // below it
  for (auto _ : state) {
    auto one = arena.alloc(count);
    benchmark::DoNotOptimize(one.data());
    arena.drop(one);
  }
}

void pair_leased(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) / sizeof(double);
  memoir::threads_arena<double> arenas{2 * count, 2};
  const auto lease = arenas.lease();
  for (auto _ : state) {
    auto one = lease->alloc(count);
    benchmark::DoNotOptimize(one.data());
    lease->drop(one);
  }
}

// Sixty-four tensors, into an arena that was made large enough (1) or begins empty (0).
void presized(benchmark::State& state) {
  const bool large_enough = state.range(0) != 0;
  std::size_t growths = 0;
  for (auto _ : state) {
    memoir::tensor_arena<double> arena;
    if (large_enough) arena.reserve(64 * 1024);
    for (int i = 0; i < 64; ++i) benchmark::DoNotOptimize(arena.alloc(32, 32).data());
    growths += arena.growth_count();
  }
  state.counters["growths"] =
      static_cast<double>(growths) / static_cast<double>(state.iterations());
}

// The same blocks from a small arena that is reset often, or from a large one.
void resets(benchmark::State& state) {
  const auto capacity = static_cast<std::size_t>(state.range(0));
  memoir::arena arena{capacity};
  std::size_t count = 0;
  for (auto _ : state) {
    auto block = arena.try_allocate(64, 8);
    if (!block) {
      arena.reset();
      ++count;
      block = arena.try_allocate(64, 8);
    }
    benchmark::DoNotOptimize((*block)[0] = std::byte{1});
  }
  state.counters["resets"] = static_cast<double>(count);
}

BENCHMARK(batch_malloc)->Arg(16)->Arg(64)->Arg(1024);
BENCHMARK(batch_monotonic)->Arg(16)->Arg(64)->Arg(1024);
BENCHMARK(batch_arena)->Arg(16)->Arg(64)->Arg(1024);
BENCHMARK(mixed_malloc);
BENCHMARK(mixed_arena);
BENCHMARK(batch_scoped)->Arg(16)->Arg(64)->Arg(1024);
BENCHMARK(batch_tensors)->Arg(16)->Arg(64)->Arg(1024);
BENCHMARK(pair_malloc)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(pair_tensor)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(pair_leased)->Arg(64)->Arg(1024);
BENCHMARK(presized)->Arg(0)->Arg(1);
BENCHMARK(resets)->RangeMultiplier(16)->Range(4096, 1 << 24);

}  // namespace

BENCHMARK_MAIN();
