// What pools and streams cost: acquisition flat in size, rings at the speed of memcpy,
// how often larger buffers read, what preallocation costs at the start and spares later,
// and how long double buffering waits.
//
// Rows: FQ-P1, FQ-P2, FQ-P3, FQ-P4, FQ-P5, FR-P1, FR-P2, FR-P4

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "memoir/arena.h"
#include "memoir/sized_pool.h"
#include "memoir/stream/byte_ring.h"
#include "memoir/stream/double_buffer.h"
#include "memoir/stream/line_buffer.h"
#include "memoir/stream/round_robin_buffers.h"
#include "memoir/stream/spsc_byte_ring.h"
#include "memoir/vector_pool.h"

namespace {

using namespace memoir;

// FR-P1, FR-P2: a buffer is lent, one byte of it written, and given back.
void sized_pool_acquire(benchmark::State& state) {
  sized_pool pool;
  const auto size = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    auto buffer = pool.acquire(size);
    buffer.data()[0] = std::byte{1};
    benchmark::DoNotOptimize(buffer.data());
  }
}
BENCHMARK(sized_pool_acquire)->Arg(1 << 10)->Arg(64 << 10)->Arg(1 << 20)->Arg(16 << 20);

// As the original did it: all of it is zeroed, each time.
void sized_pool_acquire_zeroed(benchmark::State& state) {
  sized_pool pool;
  const auto size = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    auto buffer = pool.acquire(size, zero::yes);
    benchmark::DoNotOptimize(buffer.data());
  }
}
BENCHMARK(sized_pool_acquire_zeroed)->Arg(1 << 10)->Arg(64 << 10)->Arg(1 << 20);

void malloc_free(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    auto* memory = static_cast<char*>(std::malloc(size));
    memory[0] = 1;
    benchmark::DoNotOptimize(memory);
    std::free(memory);
  }
}
BENCHMARK(malloc_free)->Arg(1 << 10)->Arg(64 << 10)->Arg(1 << 20)->Arg(16 << 20);

// FR-P4: contention, with and without buffers that each thread keeps.
sized_pool& shared_pool(std::size_t kept) {
  static sized_pool none;
  static sized_pool some{{.thread_cache = 8}};
  return kept == 0 ? none : some;
}
void sized_pool_threads(benchmark::State& state) {
  sized_pool& pool = shared_pool(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto buffer = pool.acquire(1024);
    benchmark::DoNotOptimize(buffer.data());
  }
}
BENCHMARK(sized_pool_threads)->Arg(0)->Arg(8)->Threads(1)->Threads(2)->Threads(4);

// FQ-P1: 16 vectors at a time from pools that keep fewer or more of them.
void vector_pool_cap(benchmark::State& state) {
  vector_pool<char> pool{4096, static_cast<std::size_t>(state.range(0))};
  std::vector<pooled_vector<char>> held;
  held.reserve(16);
  for (auto _ : state) {
    for (int i = 0; i < 16; ++i) held.push_back(pool.acquire());
    held.clear();
  }
  const pool_stats stats = pool.stats();
  state.counters["idle bytes"] = static_cast<double>(stats.bytes_idle);
  state.counters["miss rate"] = 1 - stats.hit_rate();
}
BENCHMARK(vector_pool_cap)->Arg(1)->Arg(4)->Arg(16)->Arg(64);

void vector_without_pool(benchmark::State& state) {
  for (auto _ : state) {
    std::vector<char> vector;
    vector.reserve(4096);
    benchmark::DoNotOptimize(vector.data());
  }
}
BENCHMARK(vector_without_pool);
void vector_from_pool(benchmark::State& state) {
  vector_pool<char> pool{4096};
  for (auto _ : state) {
    auto vector = pool.acquire();
    benchmark::DoNotOptimize(vector->data());
  }
}
BENCHMARK(vector_from_pool);

// A ring of 64 KiB: as many bytes in as out, in pieces; and two memcpys of the same.
template <class Ring>
void ring_through(benchmark::State& state) {
  Ring ring{64 << 10};
  const auto piece = static_cast<std::size_t>(state.range(0));
  std::vector<std::byte> from(piece);
  std::vector<std::byte> to(piece);
  for (auto _ : state) {
    benchmark::DoNotOptimize(static_cast<std::size_t>(ring.write(from)));
    benchmark::DoNotOptimize(ring.read(to));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK_TEMPLATE(ring_through, byte_ring)
    ->Arg(16)
    ->Arg(256)
    ->Arg(4 << 10)
    ->Arg(48 << 10);
BENCHMARK_TEMPLATE(ring_through, spsc_byte_ring)
    ->Arg(16)
    ->Arg(256)
    ->Arg(4 << 10)
    ->Arg(48 << 10);

void two_memcpys(benchmark::State& state) {
  const auto piece = static_cast<std::size_t>(state.range(0));
  std::vector<std::byte> ring(64 << 10);
  std::vector<std::byte> from(piece);
  std::vector<std::byte> to(piece);
  std::size_t at = 0;
  for (auto _ : state) {
    const std::size_t first = std::min(piece, ring.size() - at);
    std::memcpy(ring.data() + at, from.data(), first);
    std::memcpy(ring.data(), from.data() + first, piece - first);
    std::memcpy(to.data(), ring.data() + at, first);
    std::memcpy(to.data() + first, ring.data(), piece - first);
    benchmark::ClobberMemory();
    at = (at + piece) % ring.size();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(two_memcpys)->Arg(16)->Arg(256)->Arg(4 << 10)->Arg(48 << 10);

// FQ-P2: all lines of a file of 8 MiB, with buffers of several sizes.
void read_lines(benchmark::State& state) {
  std::FILE* file = std::tmpfile();
  const std::string line(99, 'x');
  for (int i = 0; i < 80000; ++i) std::fprintf(file, "%s\n", line.c_str());
  std::fflush(file);
  std::size_t reads = 0;
  for (auto _ : state) {
    reads = 0;
    off_t at = 0;
    const auto reader = [&](std::span<std::byte> to) {
      ++reads;
      const ssize_t bytes = ::pread(::fileno(file), to.data(), to.size(), at);
      at += bytes;
      return bytes;
    };
    line_buffer lines{static_cast<std::size_t>(state.range(0))};
    std::size_t count = 0;
    while (!lines.fill(reader).value().eof) {
      while (lines.read_line()) ++count;
    }
    benchmark::DoNotOptimize(count);
  }
  std::fclose(file);
  state.SetBytesProcessed(state.iterations() * 80000 * 100);
  state.counters["reads"] = static_cast<double>(reads);
}
BENCHMARK(read_lines)
    ->Arg(4 << 10)
    ->Arg(8 << 10)
    ->Arg(64 << 10)
    ->Arg(1 << 20)
    ->Unit(benchmark::kMillisecond);

// FQ-P3: what 64 buffers of 64 KiB cost at the start, with the first touch of each page
// (malloc keeps none from the round before), and each use afterwards.
void preallocation_start(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    malloc_trim(0);
    state.ResumeTiming();
    round_robin_buffers buffers{64, 64 << 10};
    for (int i = 0; i < 64; ++i) {
      auto buffer = buffers.get_next();
      for (std::size_t at = 0; at < buffer.capacity(); at += 4096) {
        buffer.space()[at] = std::byte{1};
      }
    }
    benchmark::DoNotOptimize(&buffers);
  }
}
BENCHMARK(preallocation_start)->Unit(benchmark::kMicrosecond);
void preallocation_steady(benchmark::State& state) {
  round_robin_buffers buffers{64, 64 << 10};
  for (auto _ : state) {
    auto buffer = buffers.get_next();
    buffer.space()[0] = std::byte{1};
    benchmark::DoNotOptimize(buffer.space().data());
  }
}
BENCHMARK(preallocation_steady);
void allocation_each_time(benchmark::State& state) {
  for (auto _ : state) {
    auto* memory = static_cast<char*>(std::malloc(64 << 10));
    memory[0] = 1;
    benchmark::DoNotOptimize(memory);
    std::free(memory);
  }
}
BENCHMARK(allocation_each_time);

// FQ-P4: the same 1000 pieces from an arena that is given back after so many of them.
void arena_resets(benchmark::State& state) {
  const int between = static_cast<int>(state.range(0));
  arena scratch{static_cast<std::size_t>(between) * 320};
  for (auto _ : state) {
    for (int done = 0; done < 1000; done += between) {
      for (int i = 0; i < between; ++i) {
        benchmark::DoNotOptimize(std::memset(scratch.allocate(256, 1), 1, 256));
      }
      scratch.reset();
    }
  }
}
BENCHMARK(arena_resets)->Arg(10)->Arg(100)->Arg(1000);

// FQ-P5: a producer and a consumer that each need 20 microseconds for a batch: in turns,
// or at the same time.
void work(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}
constexpr std::chrono::microseconds kBatch{20};
constexpr int kBatches = 200;

void in_turns(benchmark::State& state) {
  for (auto _ : state) {
    for (int i = 0; i < kBatches; ++i) {
      work(kBatch);
      work(kBatch);
    }
  }
}
BENCHMARK(in_turns)->Unit(benchmark::kMillisecond)->UseRealTime();

void double_buffered(benchmark::State& state) {
  double writer_wait = 0;
  double reader_wait = 0;
  for (auto _ : state) {
    double_buffer<int> buffers{16};
    std::thread producer([&] {
      for (int i = 0; i < kBatches; ++i) {
        auto batch = buffers.begin_write();
        work(kBatch);
        batch.push(i);
        std::move(batch).publish();
      }
      buffers.close();
    });
    while (const auto batch = buffers.read_next()) work(kBatch);
    producer.join();
    const double_buffer_stats stats = buffers.stats();
    writer_wait = static_cast<double>(stats.writer_wait_ns) / kBatches;
    reader_wait = static_cast<double>(stats.reader_wait_ns) / kBatches;
  }
  state.counters["writer waits ns"] = writer_wait;
  state.counters["reader waits ns"] = reader_wait;
}
BENCHMARK(double_buffered)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
