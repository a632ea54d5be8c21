// Slabs of small slots in which nothing lives give their memory back to the kernel, and
// are cut up anew when it is wanted. Programs go through phases: what one of them used in
// blocks of one size is no good to the next, which uses another. Of others, in which
// something does live, the pages of larger slots go that lie side by side.
//
// What is known of the blocks that lived there stays: a late free of one is explained.

#include <sys/mman.h>

#include "base/compiler.h"
#include "base/pages.h"
#include "base/raw_syscall.h"
#include "heap/checked_heap.h"

namespace memoir {
namespace {

// A slab of larger slots has no more of them than bits in Slab::waiting, and such a slot
// a good part of a page.
constexpr std::uint32_t kLeastStride = 1024;
static_assert((256u << 10) / kLeastStride <= 8 * sizeof(Slab::waiting));

template <typename Do>
void for_each_slot_of(const SlabSource& source, const SlotBatch* batches, Do act) {
  for (; batches != nullptr; batches = batches->next) {
    for (std::uint32_t i = 0; i < batches->count; ++i) {
      const std::uintptr_t room = batches->slots[i];
      Slab& slab = *source.find(room);
      act(slab, slot_index(slab, room));
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
    record.end_bare();
  }
  slab.cut.store(0, std::memory_order_release);
  raw_syscall(SYS_madvise, slab.begin, slab.end - slab.begin, MADV_DONTNEED);
}

// Who uses a slot again whose neighbours were given back with it.
MEMOIR_SLOW_PATH void CheckedHeap::put_up_redzones(const Slab& slab,
                                                   std::uint32_t slot) const {
  for (std::uint32_t at = slot; at <= slot + 1 && at < slab.slots; ++at) {
    BlockRecord& record = slab.records[at];
    if (!record.is_bare()) continue;
    // First the redzone: who sees that it is there looks at it. Who is about to use the
    // other slot may put it up as well.
    const std::uintptr_t room = room_begin(slab, at);
    fill_pattern(canary_, room - slab.redzone, room);
    record.end_bare();
  }
}

// The slots [from, to) wait: their pages go, with the redzones between them.
void CheckedHeap::give_run_back(Slab& slab, std::uint32_t from, std::uint32_t to,
                                Findings& findings) {
  bool has_memory = false;
  for (std::uint32_t slot = from; slot < to; ++slot) {
    BlockRecord& record = slab.records[slot];
    if (slot != from && !record.is_bare()) has_memory = true;
    if (record.state.load(std::memory_order_relaxed) == BlockState::kFreed) {
      has_memory = true;
    }
  }
  if (!has_memory) return;
  for (std::uint32_t slot = from; slot < to; ++slot) {
    BlockRecord& record = slab.records[slot];
    if (!is_untouched(slab, slot, canary_)) {
      report_touched(memory(), slab, slot, findings);
    }
    if (record.state.load(std::memory_order_relaxed) == BlockState::kFreed) {
      record.state.store(BlockState::kHollow, std::memory_order_release);
    }
    if (slot != from) record.make_bare();
  }
  const std::uintptr_t begin = round_up(room_begin(slab, from), kPageSize);
  const std::uintptr_t end = room_end(slab, to - 1) & ~(kPageSize - 1);
  if (begin < end) raw_syscall(SYS_madvise, begin, end - begin, MADV_DONTNEED);
}

// Of slabs in which something lives, what waits side by side.
void CheckedHeap::give_runs_back(const SlotBatch* batches, Findings& findings) {
  for_each_slot_of(source_, batches, [](Slab& slab, std::uint32_t slot) {
    const BlockState state = slab.records[slot].state.load(std::memory_order_relaxed);
    // Who uses one for the first time looks for no more than its redzones.
    if (state == BlockState::kUnused) return;
    slab.waiting[slot / 64] |= std::uint64_t{1} << slot % 64;
  });
  for_each_slot_of(source_, batches, [&](Slab& slab, std::uint32_t slot) {
    const auto waits = [&](std::uint32_t at) {
      return (slab.waiting[at / 64] >> at % 64 & 1) != 0;
    };
    if (!waits(slot)) return;  // it was in another's run
    std::uint32_t from = slot;
    while (from > 0 && waits(from - 1)) --from;
    std::uint32_t to = from;
    for (; to < slab.slots && waits(to); ++to) {
      slab.waiting[to / 64] &= ~(std::uint64_t{1} << to % 64);
    }
    give_run_back(slab, from, to, findings);
  });
}

// Those are idle all of whose slots wait.
void CheckedHeap::give_back_idle(std::size_t size_class_index, Findings& findings) {
  SlotBatch* batches = store_.take_idle(size_class_index);
  if (batches == nullptr) return;
  for_each_slot_of(source_, batches, [](Slab& slab, std::uint32_t) { slab.idle = 0; });
  for_each_slot_of(source_, batches, [](Slab& slab, std::uint32_t) { ++slab.idle; });
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
  std::uint64_t with_memory = 0;
  if (size_class(size_class_index).stride() >= kLeastStride) {
    give_runs_back(kept, findings);
    for_each_slot_of(source_, kept, [&](const Slab& slab, std::uint32_t slot) {
      const BlockRecord& record = slab.records[slot];
      const BlockState state = record.state.load(std::memory_order_relaxed);
      if (state != BlockState::kHollow) ++with_memory;
    });
  } else {
    for (SlotBatch* batch = kept; batch != nullptr; batch = batch->next) {
      with_memory += batch->count;
    }
  }
  store_.give_idle(size_class_index, kept, with_memory, hollow);
}

}  // namespace memoir
