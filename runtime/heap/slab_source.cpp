#include "heap/slab_source.h"

#include <sys/mman.h>

#include "base/pages.h"
#include "base/raw_syscall.h"

namespace memoir {
namespace {

// Slabs lie side by side: one mapping for many keeps the kernel's list of them short.
constexpr std::size_t kReserveBytes = std::size_t{16} << 20;

// A mapping that begins at a multiple of kGranule.
std::uintptr_t map_aligned(std::size_t bytes) {
  const std::size_t mapped_bytes = bytes + kGranule - kPageSize;
  const long mapped = raw_syscall(SYS_mmap, 0, mapped_bytes, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (!syscall_succeeded(mapped)) return 0;
  const auto from = static_cast<std::uintptr_t>(mapped);
  const std::uintptr_t begin = round_up(from, kGranule);
  if (begin != from) raw_syscall(SYS_munmap, from, begin - from);
  const std::uintptr_t rest = from + mapped_bytes - (begin + bytes);
  if (rest != 0) raw_syscall(SYS_munmap, begin + bytes, rest);
  // A slot that is touched must not cost two megabytes.
  raw_syscall(SYS_madvise, begin, bytes, MADV_NOHUGEPAGE);
  return begin;
}

}  // namespace

std::uintptr_t SlabSource::map(std::size_t bytes) {
  bytes = round_up(bytes, kGranule);
  if (bytes > kReserveBytes / 4) return map_aligned(bytes);
  SpinGuard guard(lock_);
  if (end_ - next_ < bytes) {
    std::uintptr_t reserved = map_aligned(kReserveBytes);
    if (reserved == 0) return map_aligned(bytes);
    // What is left of the old one must not stay for ever: there will be many.
    if (end_ != next_) unmap(next_, end_ - next_);
    next_ = reserved;
    end_ = reserved + kReserveBytes;
  }
  const std::uintptr_t begin = next_;
  next_ += bytes;
  return begin;
}

void SlabSource::unmap(std::uintptr_t begin, std::size_t bytes) {
  raw_syscall(SYS_munmap, begin, round_up(bytes, kGranule));
}

Slab* SlabSource::make_slab(std::uint32_t slots) {
  if (slots == 1) {
    SpinGuard guard(lock_);
    if (Slab* slab = free_) {
      free_ = slab->next_free;
      return slab;
    }
  }
  const std::size_t head = round_up(sizeof(Slab), 64);
  void* memory = arena_.allocate(head + std::size_t{slots} * sizeof(BlockRecord));
  if (memory == nullptr) return nullptr;
  auto* slab = static_cast<Slab*>(memory);  // all zero is a valid, empty one
  slab->slots = slots;
  slab->records = reinterpret_cast<BlockRecord*>(static_cast<char*>(memory) + head);
  return slab;
}

void SlabSource::give_back(Slab* slab) {
  SpinGuard guard(lock_);
  slab->next_free = free_;
  free_ = slab;
}

bool SlabSource::publish(Slab* slab) {
  if (!map_.set(slab->begin, slab->end, slab, arena_)) return false;
  if (slab->listed) return true;
  slab->listed = true;
  Slab* first = all_.load(std::memory_order_relaxed);
  do {
    slab->next = first;
  } while (!all_.compare_exchange_weak(first, slab, std::memory_order_release));
  return true;
}

void SlabSource::lock() {
  lock_.lock();
  arena_.lock().lock();
}

void SlabSource::unlock() {
  arena_.lock().unlock();
  lock_.unlock();
}

}  // namespace memoir
