// Slots that left the quarantine and nobody has use for.

#include <sys/mman.h>

#include "base/pages.h"
#include "base/raw_syscall.h"
#include "heap/checked_heap.h"

namespace memoir {
namespace {

// Most slots of this size have a page of their own.
constexpr std::uint32_t kLeastStride = 5000;
// What a thread keeps of a class without use for it.
constexpr std::uint64_t kMostIdle = std::uint64_t{1} << 20;

}  // namespace

bool CheckedHeap::is_surplus(const SlotBatch& batch, const Slab& slab) {
  return batch.full() || std::uint64_t{batch.count} * slab.stride >= kMostIdle;
}

// Gives the kernel the pages of larger slots back, after a last look at them. What is
// written to them from now on is not found.
void CheckedHeap::give_pages_back(const SlotBatch& batch, Findings& findings) {
  for (std::uint32_t i = 0; i < batch.count; ++i) {
    const std::uintptr_t room = batch.slots[i];
    Slab& slab = *source_.find(room);
    if (slab.stride < kLeastStride) return;  // all are of one class
    const std::uint32_t slot = slot_index(slab, room);
    BlockRecord& record = slab.records[slot];
    if (record.state.load(std::memory_order_relaxed) != BlockState::kFreed) continue;
    if (!is_untouched(slab, slot, canary_)) {
      report_touched(source_, slab, slot, canary_, findings);
    }
    // First the state: a sweep that looks meanwhile sees that it changed.
    record.state.store(BlockState::kHollow, std::memory_order_release);
    const std::uintptr_t begin = round_up(room, kPageSize);
    const std::uintptr_t end = room_end(slab, slot) & ~(kPageSize - 1);
    if (begin < end) raw_syscall(SYS_madvise, begin, end - begin, MADV_DONTNEED);
  }
}

}  // namespace memoir
