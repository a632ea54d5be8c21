// Slabs of small slots in which nothing lives give their memory back to the kernel, and
// are cut up anew when it is wanted. Programs go through phases: what one of them used in
// blocks of one size is no good to the next, which uses another.
//
// What is known of the blocks that lived there stays: a late free of one is explained.

#include <sys/mman.h>

#include "base/raw_syscall.h"
#include "heap/checked_heap.h"

namespace memoir {
namespace {

template <typename Do>
void for_each_slab_of(const SlabSource& source, const SlotBatch* batches, Do act) {
  for (; batches != nullptr; batches = batches->next) {
    for (std::uint32_t i = 0; i < batches->count; ++i) {
      act(*source.find(batches->slots[i]));
    }
  }
}

}  // namespace

// After a last look: what is written there from now on is not found.
void CheckedHeap::hollow_out(Slab& slab, Findings& findings) {
  for (std::uint32_t slot = 0; slot < slab.slots; ++slot) {
    BlockRecord& record = slab.records[slot];
    if (!is_untouched(slab, slot, canary_)) {
      report_touched(memory(), slab, slot, findings);
    }
    // First the state: a sweep that looks meanwhile sees that it changed.
    if (record.state.load(std::memory_order_relaxed) == BlockState::kFreed) {
      record.state.store(BlockState::kHollow, std::memory_order_release);
    }
  }
  slab.cut.store(0, std::memory_order_release);
  raw_syscall(SYS_madvise, slab.begin, slab.end - slab.begin, MADV_DONTNEED);
}

// Those are idle all of whose slots wait.
void CheckedHeap::give_back_idle(std::size_t size_class_index, Findings& findings) {
  SlotBatch* batches = store_.take_idle(size_class_index);
  if (batches == nullptr) return;
  for_each_slab_of(source_, batches, [](Slab& slab) { slab.idle = 0; });
  for_each_slab_of(source_, batches, [](Slab& slab) { ++slab.idle; });
  Slab* hollow = nullptr;
  SlotBatch* kept = nullptr;
  while (batches != nullptr) {
    SlotBatch* batch = batches;
    batches = batch->next;
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < batch->count; ++i) {
      Slab& slab = *source_.find(batch->slots[i]);
      if (slab.idle < slab.slots) {
        batch->slots[count++] = batch->slots[i];
      } else if (slab.idle == slab.slots) {
        ++slab.idle;
        slab.next_free = hollow;
        hollow = &slab;
      }
    }
    batch->count = count;
    if (count == 0) {
      batches_.give(batch);
    } else {
      batch->next = kept;
      kept = batch;
    }
  }
  for (Slab* slab = hollow; slab != nullptr; slab = slab->next_free) {
    hollow_out(*slab, findings);
  }
  store_.give_idle(size_class_index, kept, hollow);
}

}  // namespace memoir
