// Allocates, reallocates and frees at random on some threads, and keeps books of it: at
// the end, prints for each function `name allocations frees bytes live_blocks
// live_bytes`, and the most bytes that were live at once (true for one thread).
//   keeps_books THREADS STEPS SEED
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

constexpr int kSlots = 300;
enum Site { kMalloc, kCalloc, kRealloc, kMemalign, kNew, kNewArray, kNewAligned, kSites };
constexpr const char* kNames[] = {"by_malloc",     "by_calloc", "by_realloc",
                                  "by_memalign",   "by_new",    "by_new_array",
                                  "by_new_aligned"};

struct Slot {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  void* block = nullptr;
  long size = 0;
  Site site = kMalloc;
};
struct Book {
  long allocations = 0, frees = 0, bytes = 0, blocks_live = 0, live = 0;
};

Slot slots[kSlots];
Book books[kSites];
long live = 0, peak = 0, steps = 0;
unsigned long seed = 1;

#define MAKER(name, call)                                                      \
  [[gnu::noinline]] void* name([[maybe_unused]] void* old, std::size_t size) { \
    return call;                                                               \
  }
MAKER(by_malloc, std::malloc(size))
MAKER(by_calloc, std::calloc(1, size))
MAKER(by_realloc, std::realloc(old, size))
MAKER(by_memalign, memalign(128, size))
MAKER(by_new, ::operator new(size))
MAKER(by_new_array, ::operator new[](size))
MAKER(by_new_aligned, ::operator new (size, std::align_val_t{64}))
constexpr decltype(&by_malloc) kMakers[] = {
    by_malloc, by_calloc, by_realloc, by_memalign, by_new, by_new_array, by_new_aligned};

void count(Site site, long blocks, long bytes) {
  Book& book = books[site];
  if (blocks > 0) __atomic_add_fetch(&book.bytes, bytes, __ATOMIC_RELAXED);
  __atomic_add_fetch(blocks > 0 ? &book.allocations : &book.frees, 1, __ATOMIC_RELAXED);
  __atomic_add_fetch(&book.blocks_live, blocks, __ATOMIC_RELAXED);
  __atomic_add_fetch(&book.live, blocks * bytes, __ATOMIC_RELAXED);
  const long now = __atomic_add_fetch(&live, blocks * bytes, __ATOMIC_RELAXED);
  if (now > peak) peak = now;
}

void step(unsigned long& dice) {
  dice = dice * 6364136223846793005u + 1442695040888963407u;
  Slot& slot = slots[(dice >> 33) % kSlots];
  const auto site = static_cast<Site>((dice >> 50) % kSites);
  pthread_mutex_lock(&slot.lock);
  const bool again = slot.block != nullptr && slot.site <= kMemalign && site == kRealloc;
  if (slot.block != nullptr) count(slot.site, -1, slot.size);
  if (slot.block != nullptr && !again) {
    if (slot.site <= kMemalign)
      std::free(slot.block);
    else if (slot.site == kNew)
      ::operator delete(slot.block);
    else if (slot.site == kNewArray)
      ::operator delete[](slot.block);
    else
      ::operator delete (slot.block, std::align_val_t{64});
    slot.block = nullptr;
  }
  if (again || (dice >> 40) % 3 != 0) {
    slot.size = static_cast<long>((dice >> 20) % 3000 + 1);
    slot.site = site;
    slot.block = kMakers[site](slot.block, static_cast<std::size_t>(slot.size));
    count(site, 1, slot.size);
  }
  pthread_mutex_unlock(&slot.lock);
}

void* run(void* number) {
  unsigned long dice = seed * 1000 + reinterpret_cast<unsigned long>(number);
  for (long i = 0; i < steps; ++i) step(dice);
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  steps = std::atol(argv[2]);
  seed = std::strtoul(argv[3], nullptr, 10);
  const long threads = std::atol(argv[1]);
  pthread_t started[64];
  for (long i = 1; i < threads; ++i) {
    pthread_create(&started[i], nullptr, run, reinterpret_cast<void*>(i));
  }
  run(nullptr);
  for (long i = 1; i < threads; ++i) pthread_join(started[i], nullptr);
  char text[4096];
  int length = 0;
  const auto add = [&](auto... values) {
    length += std::snprintf(text + length, sizeof text - static_cast<std::size_t>(length),
                            values...);
  };
  for (int i = 0; i < kSites; ++i) {
    const Book& b = books[i];
    add("%s %ld %ld %ld %ld %ld\n", kNames[i], b.allocations, b.frees, b.bytes,
        b.blocks_live, b.live);
  }
  add("peak %ld\n", peak);
  return write(STDOUT_FILENO, text, static_cast<std::size_t>(length)) != length;
}
