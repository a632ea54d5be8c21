#include "heap/large_blocks.h"

#include <sys/mman.h>

#include "base/pages.h"
#include "base/raw_syscall.h"
#include "heap/block_check.h"
#include "heap/guard_pages.h"

namespace memoir {

LargeSlot LargeBlocks::make(std::size_t size, std::uint8_t alignment_log2,
                            SlabSource& source) {
  const std::uint8_t log2 = alignment_log2 < 4 ? 4 : alignment_log2;
  if (log2 > 46) return {};
  const std::uintptr_t alignment = std::uintptr_t{1} << log2;
  const std::size_t data = round_up(size == 0 ? 1 : size, kPageSize);
  const std::size_t extra = alignment > kPageSize ? alignment : 0;
  const std::size_t bytes = round_up(data + extra + 2 * kPageSize, kGranule);
  if (bytes < size) return {};
  Slab* slab = source.make_slab(1);
  if (slab == nullptr) return {};
  const std::uintptr_t memory = source.map(bytes);
  if (memory == 0) {
    source.give_back(slab);
    return {};
  }
  LargeSlot made{slab, 0};
  std::uintptr_t data_end = memory + kPageSize + data;
  made.begin = (data_end - size) & ~(alignment - 1);
  if (alignment > kPageSize) {
    made.begin = round_up(memory + kPageSize, alignment);
    data_end = made.begin + data;
  }
  slab->records[0].state.store(BlockState::kOpening, std::memory_order_release);
  slab->begin = memory;
  slab->end = memory + bytes;
  slab->first = made.begin & ~(kPageSize - 1);
  slab->data_bytes = data_end - slab->first;
  slab->kind = SlabKind::kLarge;
  slab->used.store(1, std::memory_order_release);
  // Before anybody knows of it: nobody shall take them for pages that were opened.
  slab->has_guards = may_guard();
  if (slab->has_guards) {
    install_guards(memory, slab->first - memory);
    install_guards(data_end, slab->end - data_end);
  }
  if (source.publish(slab)) return made;
  if (slab->has_guards) end_guard();
  source.unmap(memory, bytes);
  source.give_back(slab);
  return {};
}

bool LargeBlocks::may_guard() {
  if (guard_method() != GuardKind::kProtect) return true;
  SpinGuard guard(lock_);
  if (protected_ == kMostProtected) return false;
  ++protected_;
  return true;
}

void LargeBlocks::end_guard() {
  if (guard_method() != GuardKind::kProtect) return;
  SpinGuard guard(lock_);
  --protected_;
}

void LargeBlocks::close(Slab& slab, SlabSource& source) {
  retire_pages(slab.begin, slab.end - slab.begin);
  slab.records[0].state.store(BlockState::kFreed, std::memory_order_release);
  if (slab.has_guards) end_guard();
  Slab* gone = nullptr;
  {
    SpinGuard guard(lock_);
    closed_[(oldest_ + count_) % kMostClosed] = &slab;
    ++count_;
    bytes_ += slab.end - slab.begin;
    if (count_ == kMostClosed || bytes_ > capacity_) gone = pop_oldest();
  }
  if (gone != nullptr) give_up(*gone, source);
}

Slab* LargeBlocks::pop_oldest() {
  Slab* oldest = closed_[oldest_];
  oldest_ = (oldest_ + 1) % kMostClosed;
  --count_;
  bytes_ -= oldest->end - oldest->begin;
  return oldest;
}

void LargeBlocks::give_up(Slab& slab, SlabSource& source) {
  {
    SpinGuard guard(lock_);
    lost_.add(view_block(slab, 0), source.arena());
  }
  slab.records[0].state.store(BlockState::kUnused, std::memory_order_release);
  source.withdraw(&slab);
  source.unmap(slab.begin, slab.end - slab.begin);
  source.give_back(&slab);
}

void LargeBlocks::clear(const Slab& slab) {
  raw_syscall(SYS_madvise, slab.first, slab.data_bytes, MADV_DONTNEED);
}

bool LargeBlocks::find_lost(std::uintptr_t address, BlockView& block) const {
  SpinGuard guard(lock_);
  return lost_.find(address, block);
}

bool LargeBlocks::forget_closed(SlabSource& source) {
  bool any = false;
  for (;;) {
    Slab* gone = nullptr;
    {
      SpinGuard guard(lock_);
      if (count_ != 0) gone = pop_oldest();
    }
    if (gone == nullptr) return any;
    give_up(*gone, source);
    any = true;
  }
}

}  // namespace memoir
