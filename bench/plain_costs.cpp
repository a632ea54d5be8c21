// Rows: ZA-P1, BJ-P1
// One operation of the allocator library with tracking off, or the same written by hand,
// so many times: plain_costs CASE ours|hand TIMES. bench/plain_costs.sh counts the
// instructions of both.

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "memoir/arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/unique_buffer.h"
#include "memoir/stream/byte_ring.h"
#include "memoir/ziggy.h"

namespace {

static_assert(!memoir::is_tracking);

// The compiler must believe that somebody reads it.
void use(const void* what) { asm volatile("" : : "r"(what) : "memory"); }

// Only the address: what is known of memory stays known.
void use_address(const void* what) { asm volatile("" : : "r"(what)); }

// So many, which the compiler does not know.
std::size_t elements() {
  std::size_t count = 64;
  use(&count);
  return count;
}

void unique_ours(int times) {
  const std::size_t count = elements();
  for (int i = 0; i < times; ++i) {
    memoir::unique_buffer<int> block(count);
    use(block.data());
  }
}
void unique_hand(int times) {
  const std::size_t count = elements();
  for (int i = 0; i < times; ++i) {
    const std::unique_ptr<int[]> block(new int[count]);
    use(block.get());
  }
}

void index_ours(int times) {
  const std::size_t count = elements();
  auto block = memoir::Z::default_allocator().allocate<int>(count, memoir::zero::yes);
  for (int i = 0; i < times; ++i) {
    for (std::size_t at = 0; at < count; ++at) {
      use_address(&block[at]);
    }
  }
}
void index_hand(int times) {
  const std::size_t count = elements();
  std::vector<int> block(count);
  for (int i = 0; i < times; ++i) {
    for (std::size_t at = 0; at < count; ++at) {
      use_address(&block.at(at));
    }
  }
}

void span_ours(int times) {
  const std::size_t count = elements();
  auto block = memoir::Z::default_allocator().allocate<int>(count, memoir::zero::yes);
  for (int i = 0; i < times; ++i) {
    const std::span<int> all = block;
    for (int& one : all) one += i;
    use(all.data());
  }
}
void span_hand(int times) {
  const std::size_t count = elements();
  std::vector<int> block(count);
  for (int i = 0; i < times; ++i) {
    for (int& one : block) one += i;
    use(block.data());
  }
}

void arena_ours(int times) {
  memoir::arena memory(std::size_t{1} << 16);
  for (int i = 0; i < times; ++i) {
    for (int block = 0; block < 16; ++block) {
      use_address(memory.allocate(48, 16));
      use(&memory);
    }
    memory.reset();
  }
}
// What is written by hand looks at the end, too.
class hand_arena {
 public:
  explicit hand_arena(std::size_t bytes)
      : memory_{new std::byte[bytes]}, at_{memory_.get()}, end_{at_ + bytes} {}
  void* allocate(std::size_t bytes, std::size_t alignment) {
    const auto address = reinterpret_cast<std::uintptr_t>(at_);
    auto* const block =
        reinterpret_cast<std::byte*>((address + alignment - 1) & -alignment);
    if (static_cast<std::ptrdiff_t>(bytes) > end_ - block) throw std::bad_alloc();
    at_ = block + bytes;
    return block;
  }
  void reset() { at_ = memory_.get(); }

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::byte* at_;
  std::byte* end_;
};
void arena_hand(int times) {
  hand_arena memory(std::size_t{1} << 16);
  for (int i = 0; i < times; ++i) {
    for (int block = 0; block < 16; ++block) {
      use_address(memory.allocate(48, 16));
      use(&memory);
    }
    memory.reset();
  }
}

constexpr std::size_t kRing = 4096;

void ring_ours(int times) {
  memoir::byte_ring ring{kRing};
  std::array<std::byte, 300> bytes{};
  for (int i = 0; i < times; ++i) {
    if (ring.write(bytes) != bytes.size()) std::abort();
    use(bytes.data());
    ring.read(bytes);
  }
}
class hand_ring {
 public:
  std::size_t write(std::span<const std::byte> from) {
    const std::size_t bytes = std::min(from.size(), kRing - size_);
    const std::size_t first = std::min(bytes, kRing - write_);
    std::memcpy(memory_.data() + write_, from.data(), first);
    std::memcpy(memory_.data(), from.data() + first, bytes - first);
    write_ = (write_ + bytes) % kRing;
    size_ += bytes;
    return bytes;
  }
  std::size_t read(std::span<std::byte> to) {
    const std::size_t bytes = std::min(to.size(), size_);
    const std::size_t first = std::min(bytes, kRing - read_);
    std::memcpy(to.data(), memory_.data() + read_, first);
    std::memcpy(to.data() + first, memory_.data(), bytes - first);
    read_ = (read_ + bytes) % kRing;
    size_ -= bytes;
    return bytes;
  }

 private:
  std::vector<std::byte> memory_ = std::vector<std::byte>(kRing);
  std::size_t read_ = 0, write_ = 0, size_ = 0;
};
void ring_hand(int times) {
  hand_ring ring;
  std::array<std::byte, 300> bytes{};
  for (int i = 0; i < times; ++i) {
    if (ring.write(bytes) != bytes.size()) std::abort();
    use(bytes.data());
    ring.read(bytes);
  }
}

void tensor_ours(int times) {
  memoir::tensor_arena<double> memory(1024);
  const std::size_t rows = elements() / 6;
  for (int i = 0; i < times; ++i) {
    auto tensor = memory.alloc(rows, rows);
    use_address(tensor.data());
    use(&memory);
    memory.drop(tensor);
  }
}
// Extents are multiplied and looked at, and the block is the newest when it goes.
void tensor_hand(int times) {
  const std::unique_ptr<double[]> memory(new double[1024]);
  std::size_t used = 0;
  const std::size_t rows = elements() / 6;
  const std::size_t columns = rows;
  for (int i = 0; i < times; ++i) {
    std::size_t count = 0;
    if (__builtin_mul_overflow(rows, columns, &count) || count > 1024 - used) {
      std::abort();
    }
    double* const tensor = memory.get() + used;
    used += count;
    use_address(tensor);
    use(&used);
    if (tensor + count != memory.get() + used) std::abort();
    used -= count;
  }
}

struct bench_case {
  std::string_view name;
  void (*ours)(int times);
  void (*hand)(int times);
};
constexpr bench_case kCases[] = {
    {"unique", unique_ours, unique_hand}, {"index", index_ours, index_hand},
    {"span", span_ours, span_hand},       {"arena", arena_ours, arena_hand},
    {"tensor", tensor_ours, tensor_hand}, {"ring", ring_ours, ring_hand},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4) {
    for (const bench_case& one : kCases) {
      if (one.name != argv[1]) continue;
      const bool ours = std::string_view(argv[2]) == "ours";
      (ours ? one.ours : one.hand)(std::atoi(argv[3]));
      return 0;
    }
  }
  std::fputs("usage: plain_costs unique|index|span|arena|tensor|ring ours|hand TIMES\n",
             stderr);
  return 2;
}
