#pragma once

// The heap of check mode. It serves every block of the program, keeps a record of each
// apart from it, surrounds it with canaries, and remembers it for a while after it was
// freed.
//
// Where the memory of a block comes from:
//
//   up to 64 KiB   a slot of a slab (size_class.h), through the thread's cache
//   larger         a mapping of its own between guard pages (large_blocks.h)
//   some           pages of their own between guard pages (guard_policy.h says which)
//
// What happens to it:
//
//   allocate   the slot's freed pattern is verified, fresh memory filled, canaries
//   written claim      an address is a live block's, and this thread is the one that
//   frees it release    canaries are verified, the slot is filled and goes into the
//   quarantine
//
// The heap knows nothing of events, stacks and reports: it returns findings.
//
// Thread safety: all from any thread. A ThreadCache belongs to one thread at a time; the
// functions that take one may be interrupted by a signal handler, which must not use the
// same cache. Errors: nullptr where the kernel refuses memory. errno is left alone.

#include <cstddef>
#include <cstdint>

#include "heap/block_check.h"
#include "heap/damage_trail.h"
#include "heap/guard_policy.h"
#include "heap/guarded_slots.h"
#include "heap/large_blocks.h"
#include "heap/quarantine.h"
#include "heap/slab_source.h"
#include "heap/slot_store.h"
#include "heap/thread_cache.h"

namespace memoir {

struct BlockRequest {
  std::size_t size = 0;
  std::uint8_t alignment_log2 = 0;  // 0: what malloc gives, 16 bytes
  bool zero = false;
  Api api = Api::kUnknown;
  StackNodeId stack = kNoStack;
  std::uint32_t thread = 0;
};

// What an address is to the heap.
enum class AddressIs : std::uint8_t {
  kForeign,     // nothing of this heap's
  kBlock,       // the first byte of a live block
  kFreedBlock,  // the first byte of one that was freed
  kInside,      // inside a block, or beside one
};

// Where an address lies, with the nearest block.
struct Place {
  AddressIs is = AddressIs::kForeign;
  Slab* slab = nullptr;
  std::uint32_t slot = 0;
};

struct HeapSettings {
  std::uint64_t canary_seed = 0;
  std::uint64_t quarantine_bytes = std::uint64_t{64} << 20;
  // Address space that large freed blocks may keep.
  std::uint64_t retired_bytes = std::uint64_t{4} << 30;
  // How much of a fresh block is filled.
  std::uint32_t most_filled = 4096;
};

class CheckedHeap {
 public:
  // Before the first block.
  void start(const HeapSettings& settings);

  // From now on some blocks are guarded: somebody handles the faults.
  void start_guards(const GuardSettings& settings, const GuardedSlotSettings& slots);
  GuardPolicy& guards() { return guards_; }

  // The first byte of a new block; nullptr when there is no memory.
  void* allocate(const BlockRequest& request, ThreadCache& cache, Findings& findings);

  // The same beside a guard, whatever the policy says; nullptr where that cannot be. A
  // block of which it is `sure` that it should be there may go beyond the memory for
  // such.
  void* allocate_guarded(const BlockRequest& request, GuardSide side, bool sure,
                         ThreadCache& cache, Findings& findings);

  // Where an address lies. Two loads and a multiplication.
  Place find(std::uintptr_t address) const;
  // The slab an address lies in; nullptr for what is not the heap's. Two loads.
  const Slab* slab_of(std::uintptr_t address) const { return source_.find(address); }

  // Fetches the record that find(), claim() and release() look at, for who has something
  // else to do before. False: the address is not the heap's.
  MEMOIR_FAST_PATH bool fetch_block(std::uintptr_t address) const {
    const Slab* slab = source_.find(address);
    if (slab == nullptr) return false;
    if (address >= slab->first) {
      __builtin_prefetch(&slab->records[slot_index(*slab, address)], 1);
    }
    return true;
  }

  // Makes the caller the one who frees the block at a place. False when another was
  // quicker.
  bool claim(const Place& place);
  // Frees a claimed block.
  void release(const Place& place, Api api, StackNodeId stack, std::uint32_t thread,
               ThreadCache& cache, Findings& findings);

  // What is known of the block at a place.
  BlockView view(const Place& place) const { return view_block(*place.slab, place.slot); }

  // What is known of a large block that was freed so long ago that its address is nothing
  // of the heap's any more.
  bool find_lost(std::uintptr_t address, BlockView& block) const;

  // Verifies every block, live and freed, and calls report(finding) for what is damaged.
  // Blocks that change meanwhile are left to those who change them.
  template <typename Report>
  void check_all(Report report) const;
  // The same; remembers of each block that is whole that it was seen so.
  template <typename Report>
  void sweep(Report report) const;

  // Calls look(view) for every live block. Blocks that are made or freed meanwhile may be
  // among them, or not.
  template <typename Look>
  void each_live(Look look) const;

  // Verifies one block, live or freed, and mends what is found.
  void check_block(const Place& place, Findings& findings) const;

  // A write of [begin, end), which touches the block at a place where it must not, is
  // told as it is done: the damage is not found again when the block is looked at.
  void mark_told(const Place& place) const;
  // What a write that has come as far as an inaccessible address damaged on its way.
  DamageTrail find_trail_to(std::uintptr_t address) const {
    return memoir::find_trail_to(memory(), address);
  }
  // After such a write: what it damaged beyond that block and its redzones is mended.
  void mend_beyond(const Place& place, std::uintptr_t begin, std::uintptr_t end) const;

  // Gives back all that a cache holds; its thread ends.
  void flush(ThreadCache& cache, Findings& findings);

  // Held while a guard is opened that was touched, or memory made inaccessible: an opened
  // page is not closed before it is filled. Nothing is touched under it that may fault.
  SpinLock& guarding() const { return guarding_; }
  // From now on guard pages may be open.
  void note_opened() const { has_opened_.store(true, std::memory_order_relaxed); }

  // Around a fork, in the thread that forks.
  void lock();
  void unlock();

  std::uint64_t canary() const { return canary_; }

 private:
  HeapMemory memory(const SlotPlace& own = {}) const {
    return {source_, guarding_, canary_, own};
  }
  void* allocate_small(const BlockRequest& request, std::size_t size_class,
                       ThreadCache& cache, Findings& findings);
  void* allocate_large(const BlockRequest& request, ThreadCache& cache);
  bool give_up_freed(ThreadCache& cache, Findings& findings);
  std::uintptr_t take_slot(std::size_t size_class, ThreadCache& cache);
  static void fetch_slot(const Slab& slab, std::uint32_t slot);
  void fetch_next(const SlotBatch* batch) const;
  void serve_other_ends();
  std::uintptr_t refill(std::size_t size_class, ThreadCache& cache);
  void put_into_quarantine(std::uintptr_t room, const Slab& slab, ThreadCache& cache,
                           Findings& findings);
  void push_batch(ThreadCache& cache, Findings& findings);
  void enter_quarantine(SlotBatch* batch, ThreadCache& cache, Findings& findings);
  void reuse(SlotBatch* batch, ThreadCache& cache, Findings& findings);
  static bool is_surplus(const SlotBatch& batch, const Slab& slab);
  void give_pages_back(const SlotBatch& batch, Findings& findings);
  void give_back_idle(std::size_t size_class, Findings& findings);
  void hollow_out(Slab& slab, Findings& findings);
  void give_runs_back(const SlotBatch* batches, Findings& findings);
  void give_run_back(Slab& slab, std::uint32_t from, std::uint32_t to,
                     Findings& findings);
  void put_up_redzones(const Slab& slab, std::uint32_t slot) const;
  std::uint32_t next_number(ThreadCache& cache);
  void fill_fresh(const BlockRequest& request, std::uintptr_t begin, bool is_zero) const;
  template <typename Look>
  void for_each_slot(Look look) const;
  void check_slot(const Slab& slab, std::uint32_t slot, Findings& findings) const;
  void look_at_slot(const Slab& slab, std::uint32_t slot, Findings& findings) const;

  std::uint64_t canary_ = 0;
  std::uint32_t most_filled_ = 0;
  std::atomic<std::uint32_t> numbers_{0};
  SlabSource source_;
  SlotBatchPool batches_;
  SlotStore store_;
  Quarantine quarantine_;
  LargeBlocks large_;
  // Held while a block is looked at whose pages a free would take away.
  mutable SpinLock looking_;
  mutable SpinLock guarding_;
  mutable std::atomic<bool> has_opened_{false};
  GuardPolicy guards_;
  bool guards_all_ = false;
  GuardedSlots guarded_;
};

// Its record, and as much of its memory, redzones included, as the processor would not
// fetch by itself.
MEMOIR_FAST_PATH void CheckedHeap::fetch_slot(const Slab& slab, std::uint32_t slot) {
  constexpr std::uintptr_t kLine = 64;
  constexpr std::uintptr_t kMostFetched = 8 * kLine;
  __builtin_prefetch(&slab.records[slot], 1);
  const std::uintptr_t front = room_begin(slab, slot) - slab.redzone;
  const std::uintptr_t size = slab.stride + slab.redzone;
  const std::uintptr_t end = front + (size < kMostFetched ? size : kMostFetched);
  for (std::uintptr_t line = front & ~(kLine - 1); line < end; line += kLine) {
    __builtin_prefetch(reinterpret_cast<const void*>(line), 1);
  }
}

template <typename Look>
void CheckedHeap::for_each_slot(Look look) const {
  for (const Slab* slab = source_.first(); slab != nullptr; slab = slab->next) {
    const std::uint32_t used = slab->used.load(std::memory_order_acquire);
    for (std::uint32_t slot = 0; slot < used; ++slot) {
      Findings findings;
      check_slot(*slab, slot, findings);
      look(slab->records[slot], findings);
    }
  }
}

template <typename Look>
void CheckedHeap::each_live(Look look) const {
  for (const Slab* slab = source_.first(); slab != nullptr; slab = slab->next) {
    const std::uint32_t used = slab->used.load(std::memory_order_acquire);
    for (std::uint32_t slot = 0; slot < used; ++slot) {
      const BlockRecord& record = slab->records[slot];
      if (record.state.load(std::memory_order_acquire) != BlockState::kLive) continue;
      const BlockView view = view_block(*slab, slot);
      // Processors of this kind keep loads in order; the compiler must, too.
      std::atomic_signal_fence(std::memory_order_acquire);
      const bool is_same =
          record.state.load(std::memory_order_relaxed) == BlockState::kLive &&
          record.number == view.number;
      if (is_same) look(view);
    }
  }
}

template <typename Report>
void CheckedHeap::check_all(Report report) const {
  for_each_slot([&](const BlockRecord&, const Findings& findings) {
    for (const Finding& finding : findings) report(finding);
  });
}

template <typename Report>
void CheckedHeap::sweep(Report report) const {
  for_each_slot([&](BlockRecord& record, const Findings& findings) {
    for (const Finding& finding : findings) report(finding);
    if (findings.empty()) record.see_whole();
  });
}

}  // namespace memoir
