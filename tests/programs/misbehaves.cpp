// Allocates and frees at random, and now and then does something wrong to a block, of
// which it keeps the books: a line for each fault on standard output, in numbers.
//
//   misbehaves SEED OPERATIONS FAULTS THREADS short|long
//
//   kind  address of the block  its size  first and last wrong byte, from its first one
//
// `short`: overflows and underflows stay inside the redzones; several faults may wait to
// be found. `long`: an overflow runs over whatever lies behind the block, up to a
// megabyte; it is the only fault that waits. All begin at the block, or far nearer to it
// than to the next one.
//
// Nothing that the program needs lies on the heap, where its overflows could meet it.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

namespace {

constexpr int kMostThreads = 4;
constexpr int kMostBlocks = 512;
constexpr int kMostFreed = 64;
constexpr std::size_t kPage = 4096;
// Less than a redzone: who wrote all that lies between two blocks cannot be told.
constexpr std::size_t kShort = 12;

enum class Family { kMalloc, kNew, kArray };

struct Block {
  char* at = nullptr;
  std::size_t size = 0;
  Family family = Family::kMalloc;
};

class Misbehaviour {
 public:
  void run(std::uint64_t seed, long operations, long faults, bool is_long) {
    state_ = seed * 2 + 1;
    is_long_ = is_long;
    const long every = faults > 0 ? operations / faults : operations + 1;
    for (long i = 1; i <= operations; ++i) {
      if (i % every == 0) {
        misbehave();
      } else {
        behave();
      }
    }
    for (Block& block : blocks_) release(block, dice(kDepths));
    write_out();
  }

 private:
  static constexpr unsigned kDepths = 24;

  unsigned dice(std::uint64_t sides) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<unsigned>((state_ >> 33) % sides);
  }

  std::size_t random_size() {
    switch (dice(16)) {
      case 0:
        return dice(is_long_ ? 60000 : 300000);
      case 1:
      case 2:
        return dice(5000);
      default:
        return dice(200);
    }
  }

  // From many places, so that few faults are equal.
  [[gnu::noinline]] void make(Block& block, unsigned depth) {
    if (depth > 0) {
      make(block, depth - 1);
      __asm__ volatile("" ::: "memory");
      return;
    }
    block.size = random_size();
    block.family = static_cast<Family>(dice(3));
    switch (block.family) {
      case Family::kMalloc:
        block.at = static_cast<char*>(make_by_malloc(block.size));
        break;
      case Family::kNew:
        block.at = static_cast<char*>(::operator new(block.size));
        break;
      case Family::kArray:
        block.at = static_cast<char*>(::operator new[](block.size));
        break;
    }
    if (block.at == nullptr) std::abort();
    std::memset(block.at, 1, block.size);
  }

  void* make_by_malloc(std::size_t size) {
    switch (dice(4)) {
      case 0:
        return std::calloc(1, size);
      case 1:
        return std::aligned_alloc(std::size_t{16} << dice(5), size);
      default:
        return std::malloc(size);
    }
  }

  [[gnu::noinline]] void release(Block& block, unsigned depth) {
    if (depth > 0) {
      release(block, depth - 1);
      __asm__ volatile("" ::: "memory");
      return;
    }
    release_as(block, block.family);
    block.at = nullptr;
  }

  static void release_as(const Block& block, Family family) {
    switch (family) {
      case Family::kMalloc:
        std::free(block.at);
        break;
      case Family::kNew:
        ::operator delete(block.at);
        break;
      case Family::kArray:
        ::operator delete[](block.at);
        break;
    }
  }

  void behave() {
    Block& block = blocks_[dice(kMostBlocks)];
    if (block.at == nullptr) {
      make(block, dice(kDepths));
    } else if (&block == waits_) {
      // Found by and by, when its neighbours or it are freed.
      if (dice(50) == 0) settle();
    } else if (block.family == Family::kMalloc && dice(8) == 0) {
      block.size = random_size() + 1;
      block.at = static_cast<char*>(std::realloc(block.at, block.size));
      if (block.at == nullptr) std::abort();
    } else {
      const Block before = block;
      release(block, dice(kDepths));
      // Those that are large give their memory back, and a write to them is another kind.
      if (before.size != 0 && before.size < 60000) {
        freed_[next_freed_++ % kMostFreed] = before;
      }
    }
  }

  // Lets the fault that waits be found.
  void settle() {
    if (waits_ == nullptr) return;
    release(*waits_, dice(kDepths));
    waits_ = nullptr;
  }

  void misbehave() {
    settle();
    Block* block = &blocks_[dice(kMostBlocks)];
    while (block->at == nullptr) block = &blocks_[dice(kMostBlocks)];
    switch (dice(is_long_ ? 6 : 8)) {
      case 0:
      case 1:
        overflow(*block);
        break;
      case 2:
        underflow(*block);
        break;
      case 3:
        free_twice(*block);
        break;
      case 4:
        free_inside(*block);
        break;
      case 5:
        free_differently(*block);
        break;
      default:
        write_after_free();
        break;
    }
  }

  // Half of what is written wrongly is written by libc.
  void write_wrongly(char* from, int byte, std::size_t length) {
    if (dice(2) == 0) {
      std::memset(from, byte, length);
      return;
    }
    for (std::size_t i = 0; i < length; ++i) {
      const_cast<volatile char*>(from)[i] = static_cast<char>(byte);
    }
  }

  void overflow(Block& block) {
    const std::size_t away = dice(4);
    std::size_t length = 1 + dice(away == 0 ? kShort : 4);
    if (is_long_) length = 1 + dice(std::uint64_t{1} << dice(21));
    char* from = block.at + block.size + away;
    length = mapped(from, length);
    note("overflow", block, static_cast<long>(block.size + away), length);
    write_wrongly(from, dice(2) == 0 ? 0 : 0xff, length);
    waits_ = &block;
  }

  void underflow(Block& block) {
    const std::size_t length = 1 + dice(kShort);
    note("underflow", block, -static_cast<long>(length), length);
    write_wrongly(block.at - length, 0xff, length);
    waits_ = &block;
  }

  // The part of a range, from its beginning, that can be written to.
  static std::size_t mapped(char* from, std::size_t length) {
    const auto begin = reinterpret_cast<std::uintptr_t>(from);
    std::uintptr_t page = begin & ~(kPage - 1);
    unsigned char there = 0;
    while (page < begin + length &&
           mincore(reinterpret_cast<void*>(page), kPage, &there) == 0) {
      page += kPage;
    }
    return page < begin + length ? page - begin : length;
  }

  void free_twice(Block& block) {
    note("double_free", block, 0);
    const Block copy = block;
    release(block, dice(kDepths));
    Block again = copy;
    release(again, dice(kDepths));
  }

  void free_inside(const Block& block) {
    if (block.size < 2) return;
    const long offset = 1 + dice(block.size - 1);
    note("invalid_free", block, offset);
    Block inside = block;
    inside.at += offset;
    release(inside, dice(kDepths));
  }

  void free_differently(Block& block) {
    note("mismatch", block, 0);
    block.family =
        static_cast<Family>((static_cast<int>(block.family) + 1 + dice(2)) % 3);
    release(block, dice(kDepths));
  }

  void write_after_free() {
    Block& block = freed_[dice(kMostFreed)];
    if (block.at == nullptr) return;
    const std::size_t offset = dice(block.size);
    const std::size_t length = 1 + dice(block.size - offset);
    note("write_after_free", block, static_cast<long>(offset), length);
    write_wrongly(block.at + offset, 0, length);
    block.at = nullptr;  // once is enough
  }

  void note(const char* kind, const Block& block, long offset, std::size_t length = 1) {
    if (used_ > sizeof text_ - 128) write_out();
    used_ += static_cast<std::size_t>(std::snprintf(
        text_ + used_, sizeof text_ - used_, "%s %llu %zu %ld %ld\n", kind,
        static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(block.at)),
        block.size, offset, offset + static_cast<long>(length) - 1));
  }

  void write_out() {
    if (write(STDOUT_FILENO, text_, used_) != static_cast<ssize_t>(used_)) std::abort();
    used_ = 0;
  }

  std::uint64_t state_ = 0;
  bool is_long_ = false;
  Block blocks_[kMostBlocks];
  Block freed_[kMostFreed];
  unsigned next_freed_ = 0;
  Block* waits_ = nullptr;
  char text_[1 << 16] = {};
  std::size_t used_ = 0;
};

Misbehaviour g_all[kMostThreads];

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const std::uint64_t seed = std::strtoull(argv[1], nullptr, 10);
  const long operations = std::atol(argv[2]);
  const long faults = std::atol(argv[3]);
  const int threads = std::atoi(argv[4]);
  const bool is_long = std::strcmp(argv[5], "long") == 0;
  if (threads < 1 || threads > kMostThreads) return 2;
  if (threads == 1) {
    g_all[0].run(seed, operations, faults, is_long);
    return 0;
  }
  static std::thread others[kMostThreads];
  for (int i = 0; i < threads; ++i) {
    others[i] = std::thread([=] {
      g_all[i].run(seed * kMostThreads + static_cast<std::uint64_t>(i),
                   operations / threads, faults / threads, is_long);
    });
  }
  for (int i = 0; i < threads; ++i) others[i].join();
  return 0;
}
