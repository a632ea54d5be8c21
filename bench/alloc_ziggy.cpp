// What the allocators cost beside malloc(), by size and number of threads.
// Rows: ZA-P1, ZA-P2, ZA-P4, ZA-P5, ZA-P6
//
//   alloc_ziggy_plain --benchmark_filter=^pair --benchmark_repetitions=5
//   (and --benchmark_enable_random_interleaving=true, if it is to be compared)
//
// alloc_ziggy_tracked is the same with tracking on; under `memoir run` also recorded.
// calibrate/... prints the limits that hybrid_allocator would have on this machine.

#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <array>
#include <cstdlib>
#include <memory_resource>
#include <numeric>
#include <span>
#include <vector>

#include "memoir/calibrate.h"
#include "memoir/ziggy.h"

namespace {

void touch(void* memory, std::size_t bytes) {
  auto* at = static_cast<volatile char*>(memory);
  for (std::size_t i = 0; i < bytes; i += 4096) at[i] = 1;
}

// One block comes and goes, and a byte of each page is written.
template <class Take, class Give>
void pair(benchmark::State& state, Take take, Give give) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    void* memory = take(bytes);
    touch(memory, bytes);
    benchmark::DoNotOptimize(memory);
    give(memory, bytes);
  }
}

void pair_malloc(benchmark::State& state) {
  pair(
      state, [](std::size_t n) { return std::malloc(n); },
      [](void* p, std::size_t) { std::free(p); });
}
void pair_calloc(benchmark::State& state) {
  pair(
      state, [](std::size_t n) { return std::calloc(1, n); },
      [](void* p, std::size_t) { std::free(p); });
}
void pair_mmap(benchmark::State& state) {
  pair(
      state,
      [](std::size_t n) {
        return mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
      },
      [](void* p, std::size_t n) { munmap(p, n); });
}
void pair_std_pool(benchmark::State& state) {
  static std::pmr::synchronized_pool_resource pool;
  pair(
      state, [](std::size_t n) { return pool.allocate(n); },
      [](void* p, std::size_t n) { pool.deallocate(p, n); });
}

template <class Allocator>
Allocator& shared() {
  static Allocator memory{memoir::Z::default_allocator()};
  return memory;
}
template <>
memoir::system_allocator& shared() {
  return memoir::Z::default_allocator();
}
template <>
memoir::large_block_allocator& shared() {
  static memoir::large_block_allocator memory;
  return memory;
}

template <class Allocator>
void pair_raw(benchmark::State& state) {
  Allocator& memory = shared<Allocator>();
  pair(
      state, [&](std::size_t n) { return memory.allocate(n); },
      [&](void* p, std::size_t n) { memory.deallocate(p, n); });
}

// The way programs do it: a buffer in a scope.
template <class Allocator>
void pair_buffer(benchmark::State& state) {
  Allocator& memory = shared<Allocator>();
  const auto bytes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    auto work = memory.template allocate<char>(bytes);
    touch(work.data(), bytes);
    benchmark::DoNotOptimize(work.data());
  }
}

// Many at once, so that what a thread keeps for itself does not hold them.
template <class Take, class Give>
void batch(benchmark::State& state, Take take, Give give) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  std::array<void*, 500> all;
  for (auto _ : state) {
    for (void*& one : all) one = take(bytes);
    for (void* one : all) give(one, bytes);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(all.size()));
}
void batch_malloc(benchmark::State& state) {
  batch(
      state, [](std::size_t n) { return std::malloc(n); },
      [](void* p, std::size_t) { std::free(p); });
}
void batch_pool(benchmark::State& state) {
  auto& pool = shared<memoir::memory_pool>();
  batch(
      state, [&](std::size_t n) { return pool.allocate(n); },
      [&](void* p, std::size_t n) { pool.deallocate(p, n); });
}

// A loop over elements: through the pointer, the span, and checked indexes.
void sum_pointer(benchmark::State& state) {
  auto numbers = memoir::Z::default_allocator().allocate<int>(1000, memoir::zero::yes);
  for (auto _ : state) {
    const int* at = numbers.data();
    benchmark::DoNotOptimize(std::accumulate(at, at + numbers.size(), 0));
  }
}
void sum_span(benchmark::State& state) {
  auto numbers = memoir::Z::default_allocator().allocate<int>(1000, memoir::zero::yes);
  for (auto _ : state) {
    const std::span<const int> all = numbers;
    benchmark::DoNotOptimize(std::accumulate(all.begin(), all.end(), 0));
  }
}
void sum_checked(benchmark::State& state) {
  auto numbers = memoir::Z::default_allocator().allocate<int>(1000, memoir::zero::yes);
  for (auto _ : state) {
    int sum = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) sum += numbers[i];
    benchmark::DoNotOptimize(sum);
  }
}

// A megabyte in one block, or in a thousand.
void one_large(benchmark::State& state) {
  auto& memory = memoir::Z::default_allocator();
  for (auto _ : state) {
    auto all = memory.allocate<char>(1'024'000);
    benchmark::DoNotOptimize(all.data());
  }
}
void thousand_small(benchmark::State& state) {
  auto& memory = memoir::Z::default_allocator();
  std::vector<memoir::buffer<char>> all;
  all.reserve(1000);
  for (auto _ : state) {
    for (int i = 0; i < 1000; ++i) all.push_back(memory.allocate<char>(1024));
    benchmark::DoNotOptimize(all.data());
    all.clear();
  }
}
// A buffer of 4096 bytes made in each round, or before all of them.
void in_the_loop(benchmark::State& state) {
  for (auto _ : state) {
    auto work = memoir::Z::default_allocator().allocate<char>(4096);
    work[0] = 1;
    benchmark::DoNotOptimize(work.data());
  }
}
void before_the_loop(benchmark::State& state) {
  auto work = memoir::Z::default_allocator().allocate<char>(4096);
  for (auto _ : state) {
    work[0] = 1;
    benchmark::DoNotOptimize(work.data());
  }
}
void zeroed(benchmark::State& state) {
  auto& pool = shared<memoir::memory_pool>();
  for (auto _ : state) {
    auto work = pool.allocate<char>(state.range(0), memoir::zero::yes);
    benchmark::DoNotOptimize(work.data());
  }
}

void calibrate(benchmark::State& state) {
  memoir::calibration measured;
  for (auto _ : state) {
    measured = memoir::calibrate(memoir::Z::default_allocator(), {.rounds = 200});
  }
  state.counters["small_bytes"] = static_cast<double>(measured.limits.small_bytes);
  state.counters["large_bytes"] = static_cast<double>(measured.limits.large_bytes);
}

void sizes(benchmark::internal::Benchmark* one) {
  for (const int bytes : {64, 1024, 2048, 4096, 16384, 65536, 1 << 20, 32 << 20}) {
    one->Arg(bytes);
  }
}
void threads(benchmark::internal::Benchmark* one) {
  one->Arg(64)->Arg(1024)->Arg(4096)->Threads(2)->Threads(4)->UseRealTime();
}

BENCHMARK(pair_malloc)->Apply(sizes);
BENCHMARK(pair_calloc)->Apply(sizes);
BENCHMARK(pair_mmap)->Apply(sizes);
BENCHMARK(pair_std_pool)->Apply(sizes);
BENCHMARK(pair_raw<memoir::system_allocator>)->Apply(sizes);
BENCHMARK(pair_raw<memoir::memory_pool>)->Apply(sizes);
BENCHMARK(pair_buffer<memoir::memory_pool>)->Apply(sizes);
BENCHMARK(pair_raw<memoir::slab_allocator>)->Apply(sizes);
BENCHMARK(pair_raw<memoir::large_block_allocator>)->Apply(sizes);
BENCHMARK(pair_buffer<memoir::hybrid_allocator>)->Apply(sizes);
BENCHMARK(pair_malloc)->Apply(threads);
BENCHMARK(pair_std_pool)->Apply(threads);
BENCHMARK(pair_raw<memoir::memory_pool>)->Apply(threads);
BENCHMARK(pair_buffer<memoir::memory_pool>)->Apply(threads);
BENCHMARK(batch_malloc)->Arg(64)->Arg(1024);
BENCHMARK(batch_pool)->Arg(64)->Arg(1024);
BENCHMARK(sum_pointer);
BENCHMARK(sum_span);
BENCHMARK(sum_checked);
BENCHMARK(one_large);
BENCHMARK(thousand_small);
BENCHMARK(in_the_loop);
BENCHMARK(before_the_loop);
BENCHMARK(zeroed)->Arg(1024)->Arg(65536);
BENCHMARK(calibrate)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
