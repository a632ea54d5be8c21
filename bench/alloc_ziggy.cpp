// What the allocators cost beside malloc(), by size and number of threads.
//
//   alloc_ziggy_plain --benchmark_filter=pair --benchmark_repetitions=5

#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <cstdlib>
#include <memory_resource>

#include "memoir/ziggy.h"

namespace {

void touch(void* memory, std::size_t bytes) {
  auto* at = static_cast<volatile char*>(memory);
  for (std::size_t i = 0; i < bytes; i += 4096) at[i] = 1;
}

// One block comes and goes, a byte of each page is written: 6.2 of the plan.
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

template <class Allocator>
Allocator& shared();
template <>
memoir::system_allocator& shared() {
  return memoir::Z::default_allocator();
}
template <>
memoir::memory_pool& shared() {
  static memoir::memory_pool pool{memoir::Z::default_allocator()};
  return pool;
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

void sizes(benchmark::internal::Benchmark* one) {
  for (const int bytes : {64, 1024, 2048, 4096, 16384, 65536, 1 << 20, 32 << 20}) {
    one->Arg(bytes);
  }
}
void threads(benchmark::internal::Benchmark* one) {
  one->Arg(64)->Arg(4096)->Arg(65536)->Threads(2)->Threads(4)->UseRealTime();
}

BENCHMARK(pair_malloc)->Apply(sizes);
BENCHMARK(pair_malloc)->Apply(threads);
BENCHMARK(pair_raw<memoir::system_allocator>)->Apply(sizes);
BENCHMARK(pair_raw<memoir::memory_pool>)->Apply(sizes);
BENCHMARK(pair_raw<memoir::memory_pool>)->Apply(threads);
BENCHMARK(pair_buffer<memoir::memory_pool>)->Apply(sizes);
BENCHMARK(pair_buffer<memoir::memory_pool>)->Apply(threads);

}  // namespace

BENCHMARK_MAIN();
