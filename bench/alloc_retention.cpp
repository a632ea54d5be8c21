// What memory stays behind, and what is asked for without being seen: idle blocks and
// bytes of pools that lent a thousand different sizes, and allocations for each handle.
// Counters say it; the times beside them are what that costs.
//
//   alloc_retention_plain --benchmark_filter=sizes
//   alloc_retention_plain --benchmark_filter=handle
//
// Rows: FR-P3, ZA-P3
//
// malloc, calloc and aligned_alloc of this program are wrapped by the linker, and
// operator new is made of them, so that all are counted.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <memory_resource>
#include <new>
#include <random>
#include <span>
#include <vector>

#include "memoir/arena.h"
#include "memoir/block_pool.h"
#include "memoir/buffer/shared_buffer.h"
#include "memoir/sized_pool.h"
#include "memoir/vector_pool.h"
#include "memoir/ziggy.h"

namespace {

std::uint64_t allocations = 0;

}  // namespace

extern "C" {
void* __real_malloc(std::size_t bytes);
void* __real_calloc(std::size_t count, std::size_t bytes);
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);
void* __wrap_malloc(std::size_t bytes) {
  ++allocations;
  return __real_malloc(bytes);
}
void* __wrap_calloc(std::size_t count, std::size_t bytes) {
  ++allocations;
  return __real_calloc(count, bytes);
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++allocations;
  return __real_aligned_alloc(alignment, bytes);
}
}

namespace {

void* get(std::size_t bytes) {
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void* get(std::size_t bytes, std::size_t alignment) {
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, whole)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return get(bytes); }
void* operator new[](std::size_t bytes) { return get(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return get(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return get(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace {

using namespace memoir;

// A thousand different sizes in no order, of 1,000 to 37,963 bytes; of these kAtOnce are
// out at a time, and in the end none.
constexpr std::size_t kSizes = 1000;
constexpr std::size_t kAtOnce = 32;

const std::vector<std::size_t>& thousand_sizes() {
  static const std::vector<std::size_t> sizes = [] {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < kSizes; ++i) all.push_back(1000 + 37 * i);
    std::shuffle(all.begin(), all.end(), std::minstd_rand{1});
    return all;
  }();
  return sizes;
}

// What lies idle when all is back.
struct kept {
  double idle_bytes;
  double idle_blocks;
};

template <class Block, class Take>
void lend_all(benchmark::State& state, Take take) {
  std::array<Block, kAtOnce> out{};
  const std::vector<std::size_t>& sizes = thousand_sizes();
  for (auto _ : state) {
    for (std::size_t i = 0; i < kSizes; ++i) {
      out[i % kAtOnce] = Block{};
      out[i % kAtOnce] = take(sizes[i]);
      benchmark::DoNotOptimize(out);
    }
    for (Block& one : out) one = Block{};
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kSizes));
}

void say(benchmark::State& state, kept what) {
  state.counters["idle_bytes"] = what.idle_bytes;
  state.counters["idle_blocks"] = what.idle_blocks;
}

void lend_from(benchmark::State& state, const sized_pool_options& options) {
  sized_pool pool{options};
  lend_all<pooled_bytes>(state, [&](std::size_t size) { return pool.acquire(size); });
  const pool_stats stats = pool.stats();
  say(state, {static_cast<double>(stats.bytes_idle),
              static_cast<double>(stats.available_buffers)});
}

// As frd-pu does it: a list for each size, each with a cap of its own.
void sizes_exact(benchmark::State& state) {
  lend_from(state, {.key = pool_key::exact, .max_per_class = 4, .trim_interval = 0});
}
void sizes_exact_capped(benchmark::State& state) {
  lend_from(state, {.key = pool_key::exact,
                    .max_per_class = 4,
                    .max_idle_bytes = 256 << 10,
                    .trim_interval = 0});
}
void sizes_classes(benchmark::State& state) {
  lend_from(state, {.max_per_class = 4, .trim_interval = 0});
}
void sizes_classes_capped(benchmark::State& state) {
  lend_from(state, {.max_per_class = 4, .max_idle_bytes = 256 << 10, .trim_interval = 0});
}
// Nothing said but the default: what lay idle for long goes back by itself.
void sizes_classes_trimmed(benchmark::State& state) { lend_from(state, {}); }

// What stays of a resource: what it has from below when all is back.
class counting : public std::pmr::memory_resource {
 public:
  std::size_t bytes = 0;
  std::size_t blocks = 0;

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    void* memory = std::pmr::new_delete_resource()->allocate(size, alignment);
    bytes += size;
    ++blocks;
    return memory;
  }
  void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
    bytes -= size;
    --blocks;
    std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

struct give_back {
  std::pmr::memory_resource* pool = nullptr;
  std::size_t size = 0;
  void operator()(void* memory) const { pool->deallocate(memory, size); }
};
void sizes_std_pool(benchmark::State& state) {
  counting below;
  std::pmr::unsynchronized_pool_resource pool{&below};
  lend_all<std::unique_ptr<void, give_back>>(state, [&](std::size_t size) {
    return std::unique_ptr<void, give_back>{pool.allocate(size), {&pool, size}};
  });
  say(state, {static_cast<double>(below.bytes), static_cast<double>(below.blocks)});
}

// What malloc has free between what is in use and beyond it, less what it had when the
// program began. This one is to be the first: others leave it memory, too.
const std::size_t free_at_start = mallinfo2().fordblks;
struct give_to_free {
  void operator()(void* memory) const { std::free(memory); }
};
void sizes_malloc(benchmark::State& state) {
  lend_all<std::unique_ptr<void, give_to_free>>(state, [](std::size_t size) {
    return std::unique_ptr<void, give_to_free>{std::malloc(size)};
  });
  const struct mallinfo2 now = mallinfo2();
  say(state, {std::max(0.0, static_cast<double>(now.fordblks) -
                                static_cast<double>(free_at_start)),
              static_cast<double>(now.ordblks)});
}

BENCHMARK(sizes_malloc);
BENCHMARK(sizes_exact);
BENCHMARK(sizes_exact_capped);
BENCHMARK(sizes_classes);
BENCHMARK(sizes_classes_capped);
BENCHMARK(sizes_classes_trimmed);
BENCHMARK(sizes_std_pool);

// So many allocations for each handle that is made, warm.
template <class Make>
void handles(benchmark::State& state, Make make) {
  make();
  make();
  const std::uint64_t before = allocations;
  for (auto _ : state) make();
  state.counters["allocations"] =
      static_cast<double>(allocations - before) / static_cast<double>(state.iterations());
}

void handle_system(benchmark::State& state) {
  system_allocator& system = Z::default_allocator();
  handles(state, [&] { benchmark::DoNotOptimize(system.allocate<int>(100).data()); });
}
void handle_memory_pool(benchmark::State& state) {
  memory_pool pool{Z::default_allocator()};
  handles(state, [&] { benchmark::DoNotOptimize(pool.allocate<int>(100).data()); });
}
void handle_hybrid(benchmark::State& state) {
  hybrid_allocator hybrid{Z::default_allocator()};
  handles(state, [&] { benchmark::DoNotOptimize(hybrid.allocate<int>(100).data()); });
}
void handle_wrap(benchmark::State& state) {
  std::array<int, 100> numbers{};
  handles(state, [&] {
    auto view = system_allocator::wrap(std::span<int>{numbers});
    benchmark::DoNotOptimize(view.span().data());
  });
}
void handle_move(benchmark::State& state) {
  auto one = Z::default_allocator().allocate<int>(100);
  auto two = std::move(one);
  handles(state, [&] {
    one = std::move(two);
    two = std::move(one);
    benchmark::DoNotOptimize(two.data());
  });
}
void handle_block_pool(benchmark::State& state) {
  block_pool<int> pool(100, 8);
  handles(state, [&] { benchmark::DoNotOptimize(pool.acquire().data()); });
}
void handle_sized_pool(benchmark::State& state) {
  sized_pool pool;
  handles(state, [&] { benchmark::DoNotOptimize(pool.acquire(400).data()); });
}
void handle_vector_pool(benchmark::State& state) {
  vector_pool<int> pool{100};
  handles(state, [&] { benchmark::DoNotOptimize(pool.acquire()->data()); });
}
void handle_arena(benchmark::State& state) {
  arena scratch{4096};
  handles(state, [&] {
    benchmark::DoNotOptimize(scratch.allocate<int>(100).data());
    scratch.reset();
  });
}
void handle_unique(benchmark::State& state) {
  handles(state, [] { benchmark::DoNotOptimize(unique_buffer<int>(100).data()); });
}
void handle_shared(benchmark::State& state) {
  handles(state, [] { benchmark::DoNotOptimize(shared_buffer<int>(100).data()); });
}
void handle_shared_copy(benchmark::State& state) {
  const shared_buffer<int> one(100);
  handles(state, [&] {
    const shared_buffer<int> two = one;
    benchmark::DoNotOptimize(two.data());
  });
}
void handle_std_vector(benchmark::State& state) {
  handles(state, [] { benchmark::DoNotOptimize(std::vector<int>(100).data()); });
}
void handle_std_shared(benchmark::State& state) {
  handles(state,
          [] { benchmark::DoNotOptimize(std::shared_ptr<int[]>(new int[100]).get()); });
}

BENCHMARK(handle_system);
BENCHMARK(handle_memory_pool);
BENCHMARK(handle_hybrid);
BENCHMARK(handle_wrap);
BENCHMARK(handle_move);
BENCHMARK(handle_block_pool);
BENCHMARK(handle_sized_pool);
BENCHMARK(handle_vector_pool);
BENCHMARK(handle_arena);
BENCHMARK(handle_unique);
BENCHMARK(handle_shared);
BENCHMARK(handle_shared_copy);
BENCHMARK(handle_std_vector);
BENCHMARK(handle_std_shared);

}  // namespace

BENCHMARK_MAIN();
