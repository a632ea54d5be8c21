#include "heap/checked_heap.h"

#include <algorithm>

#include "base/blocked_signals.h"
#include "base/careful_read.h"
#include "base/compiler.h"
#include "base/pages.h"

namespace memoir {
namespace {

// What the fields of a record hold.
constexpr std::uint64_t kMostSize = (std::uint64_t{1} << 48) - 1;
constexpr unsigned kMostOffset = (1u << 15) - 1;

// log2: pages begin at such addresses.
constexpr std::uint8_t kMostGuardedAlignment = 12;

constexpr std::uint32_t kNumbersAtATime = 1024;
// What a thread may hold of freed memory before the quarantine sees it.
constexpr std::uint32_t kMostFreedBytes = 512u << 10;

void describe(BlockRecord& record, const BlockRequest& request, std::uintptr_t room,
              std::uintptr_t begin, std::uint32_t number) {
  record.alloc_api = request.api;
  record.free_api = Api::kUnknown;
  record.begin_unseen(request.alignment_log2);
  record.number = number;
  record.size = request.size & kMostSize;
  record.offset = (begin - room) / kBlockAlignment & kMostOffset;
  record.told = 0;
  record.alloc_stack = request.stack;
  record.alloc_thread = request.thread;
  record.free_stack = kNoStack;
  record.free_thread = 0;
}

std::uintptr_t align_up(std::uintptr_t address, std::uint8_t alignment_log2) {
  const std::uintptr_t mask = (std::uintptr_t{1} << alignment_log2) - 1;
  return (address + mask) & ~mask;
}

bool can_read_canaries(const Slab& slab, std::uint32_t slot) {
  const std::uintptr_t begin = block_begin(slab, slot);
  return can_be_read(room_begin(slab, slot), begin) &&
         can_be_read(begin + slab.records[slot].size, room_end(slab, slot));
}

}  // namespace

void CheckedHeap::start(const HeapSettings& settings) {
  canary_ = make_canary(settings.canary_seed);
  quarantine_.set_capacity(settings.quarantine_bytes);
  large_.set_capacity(settings.retired_bytes);
  most_filled_ = settings.most_filled;
}

void CheckedHeap::start_guards(const GuardSettings& settings,
                               const GuardedSlotSettings& slots) {
  guards_all_ = settings.all;
  guarded_.start(slots);
  guards_.start(settings);
}

std::uint32_t CheckedHeap::next_number(ThreadCache& cache) {
  if (MEMOIR_UNLIKELY(cache.next_number == cache.last_number)) {
    cache.next_number = numbers_.fetch_add(kNumbersAtATime, std::memory_order_relaxed);
    cache.last_number = cache.next_number + kNumbersAtATime;
  }
  return ++cache.next_number;
}

void CheckedHeap::fill_fresh(const BlockRequest& request, std::uintptr_t begin,
                             bool is_zero) const {
  if (request.zero) {
    if (!is_zero) fill_zero(begin, begin + request.size);
    return;
  }
  const std::size_t filled = request.size < most_filled_ ? request.size : most_filled_;
  fill_pattern(kFreshPattern, begin, begin + filled);
}

// What else the quarantine's memory is for: the pages of live guarded blocks, and freed
// slots that left it and wait, for nobody wants one of their size.
void CheckedHeap::serve_other_ends() {
  const std::uint64_t most_idle = quarantine_.capacity() / 4;
  const std::uint64_t idle = std::min(store_.idle_bytes(), most_idle);
  quarantine_.set_aside(idle + (guards_all_ ? 0 : guarded_.memory()));
}

MEMOIR_SLOW_PATH std::uintptr_t CheckedHeap::refill(std::size_t size_class_index,
                                                    ThreadCache& cache) {
  const BlockedSignals blocked;
  SlotBatch* batch = store_.take(size_class_index, canary_, source_, batches_);
  if (batch == nullptr) return 0;
  serve_other_ends();
  if (cache.free[size_class_index] != nullptr)
    batches_.give(cache.free[size_class_index]);
  cache.free[size_class_index] = batch;
  return batch->pop();
}

MEMOIR_FAST_PATH std::uintptr_t CheckedHeap::take_slot(std::size_t size_class_index,
                                                       ThreadCache& cache) {
  SlotBatch* batch = cache.free[size_class_index];
  if (MEMOIR_UNLIKELY(batch == nullptr || batch->empty())) {
    return refill(size_class_index, cache);
  }
  return batch->pop();
}

// Fetches what the next block of this class will be made of, and what tells where that of
// the one after it is. The slots of a long quarantine have left every cache, and so have
// their records.
MEMOIR_FAST_PATH void CheckedHeap::fetch_next(const SlotBatch* batch) const {
  if (batch == nullptr || batch->empty()) return;
  if (batch->count > 1) __builtin_prefetch(source_.find(batch->slots[batch->count - 2]));
  const std::uintptr_t room = batch->slots[batch->count - 1];
  const Slab& slab = *source_.find(room);
  fetch_slot(slab, slot_index(slab, room));
}

void* CheckedHeap::allocate_small(const BlockRequest& request,
                                  std::size_t size_class_index, ThreadCache& cache,
                                  Findings& findings) {
  const std::uintptr_t room = take_slot(size_class_index, cache);
  if (room == 0) return nullptr;
  fetch_next(cache.free[size_class_index]);
  Slab& slab = *source_.find(room);
  const std::uint32_t slot = slot_index(slab, room);
  BlockRecord& record = slab.records[slot];
  if (MEMOIR_UNLIKELY(record.state.load(std::memory_order_relaxed) ==
                      BlockState::kHollow)) {
    put_up_redzones(slab, slot);
  }
  if (MEMOIR_UNLIKELY(!is_untouched(slab, slot, canary_))) {
    report_touched(memory(), slab, slot, findings);
  }
  record.state.store(BlockState::kOpening, std::memory_order_release);
  const std::uintptr_t begin = align_up(room, request.alignment_log2);
  describe(record, request, room, begin, next_number(cache));
  fill_pattern(canary_, room, begin);
  fill_fresh(request, begin, false);
  fill_pattern(canary_, begin + request.size, room_end(slab, slot));
  record.state.store(BlockState::kLive, std::memory_order_release);
  return reinterpret_cast<void*>(begin);
}

void* CheckedHeap::allocate_large(const BlockRequest& request, ThreadCache& cache) {
  const BlockedSignals blocked;
  LargeSlot made = large_.make(request.size, request.alignment_log2, source_);
  if (made.slab == nullptr) return nullptr;
  BlockRecord& record = made.slab->records[0];
  const std::uintptr_t room = room_begin(*made.slab, 0);
  if (request.zero) LargeBlocks::clear(*made.slab);
  describe(record, request, room, made.begin, next_number(cache));
  fill_pattern(canary_, room, made.begin);
  fill_fresh(request, made.begin, true);
  fill_pattern(canary_, made.begin + request.size, room_end(*made.slab, 0));
  record.state.store(BlockState::kLive, std::memory_order_release);
  return reinterpret_cast<void*>(made.begin);
}

// A block that has no bytes lies at the guard behind its pages, whichever side is wanted:
// whoever touches it faults.
MEMOIR_SLOW_PATH void* CheckedHeap::allocate_guarded(const BlockRequest& request,
                                                     GuardSide side, bool sure,
                                                     ThreadCache& cache,
                                                     Findings& findings) {
  if (request.size > kMostSmall || request.alignment_log2 > kMostGuardedAlignment) {
    return nullptr;
  }
  const BlockedSignals blocked;
  const std::uint64_t before = now_ns();
  const GuardedSlot made =
      guarded_.take(request.size == 0 ? 1 : request.size, source_, sure);
  if (made.slab == nullptr) return nullptr;
  if (MEMOIR_UNLIKELY(has_opened_.load(std::memory_order_relaxed))) {
    report_passage(memory(), *made.slab, made.slot, findings);
  }
  const std::uintptr_t room = room_begin(*made.slab, made.slot);
  const std::uintptr_t end = room_end(*made.slab, made.slot);
  const bool exact = side == GuardSide::kExactRight && request.alignment_log2 <= 4;
  const std::uint8_t log2 = exact                        ? 0
                            : request.alignment_log2 < 4 ? 4
                                                         : request.alignment_log2;
  const std::uintptr_t mask = (std::uintptr_t{1} << log2) - 1;
  const bool right = side != GuardSide::kLeft || request.size == 0;
  const std::uintptr_t begin = right ? (end - request.size) & ~mask : room;
  BlockRecord& record = made.slab->records[made.slot];
  describe(record, request, room, begin, next_number(cache));
  if (exact) record.offset = kExactOffset;
  fill_pattern(canary_, room, begin);
  fill_fresh(request, begin, false);
  fill_pattern(canary_, begin + request.size, end);
  record.state.store(BlockState::kLive, std::memory_order_release);
  serve_other_ends();
  guards_.count_block();
  guards_.add_cost(now_ns() - before);
  return reinterpret_cast<void*>(begin);
}

void* CheckedHeap::allocate(const BlockRequest& request, ThreadCache& cache,
                            Findings& findings) {
  // Room for the block wherever its alignment puts it. Its address lies in its own slot,
  // also when it has no bytes.
  const GuardSide side = guards_.choose(request.stack, cache.guard_draws);
  if (MEMOIR_UNLIKELY(side != GuardSide::kNone)) {
    if (void* block = allocate_guarded(request, side, false, cache, findings))
      return block;
  }
  const std::size_t least = request.size == 0 ? 1 : request.size;
  const std::size_t wanted =
      request.alignment_log2 <= 4
          ? least
          : least + (std::size_t{1} << request.alignment_log2) - kBlockAlignment;
  const bool is_small = wanted <= kMostSmall && wanted >= request.size;
  for (;;) {
    void* block = MEMOIR_LIKELY(is_small)
                      ? allocate_small(request, size_class_of(wanted), cache, findings)
                      : allocate_large(request, cache);
    if (MEMOIR_LIKELY(block != nullptr) || !give_up_freed(cache, findings)) return block;
  }
}

Place CheckedHeap::find(std::uintptr_t address) const {
  Slab* slab = source_.find(address);
  if (slab == nullptr) return {};
  Place place{AddressIs::kInside, slab, 0};
  if (address >= slab->first) place.slot = slot_index(*slab, address);
  const std::uint32_t used = slab->used.load(std::memory_order_acquire);
  if (place.slot >= used) {
    // Beyond all blocks: the last one is the nearest.
    if (used == 0) return {};
    place.slot = used - 1;
  }
  const BlockState state =
      slab->records[place.slot].state.load(std::memory_order_acquire);
  if (address == block_begin(*slab, place.slot)) {
    if (state == BlockState::kLive) place.is = AddressIs::kBlock;
    if (state == BlockState::kClosing || was_freed(state)) {
      place.is = AddressIs::kFreedBlock;
    }
  } else if (slab->kind == SlabKind::kGuarded) {
    // In the guard between two blocks: the nearer one counts.
    if (address >= room_end(*slab, place.slot) && place.slot + 1 < used &&
        block_begin(*slab, place.slot + 1) - address <
            address - view_block(*slab, place.slot).end()) {
      ++place.slot;
    }
  } else if (slab->redzone != 0 && place.slot > 0 &&
             address < room_begin(*slab, place.slot)) {
    // In the redzone between two blocks: the nearer one counts.
    const BlockView below = view_block(*slab, place.slot - 1);
    if (address - below.end() < block_begin(*slab, place.slot) - address) --place.slot;
  }
  return place;
}

bool CheckedHeap::find_lost(std::uintptr_t address, BlockView& block) const {
  const BlockedSignals blocked;
  return large_.find_lost(address, block);
}

bool CheckedHeap::claim(const Place& place) {
  BlockState live = BlockState::kLive;
  return place.slab->records[place.slot].state.compare_exchange_strong(
      live, BlockState::kClosing, std::memory_order_acq_rel);
}

void CheckedHeap::release(const Place& place, Api api, StackNodeId stack,
                          std::uint32_t thread, ThreadCache& cache, Findings& findings) {
  Slab& slab = *place.slab;
  BlockRecord& record = slab.records[place.slot];
  if (MEMOIR_UNLIKELY(!is_whole(slab, place.slot, canary_))) {
    report_damage(memory({&slab, place.slot}), slab, place.slot, findings);
  }
  if (MEMOIR_UNLIKELY(slab.kind != SlabKind::kSmall &&
                      has_opened_.load(std::memory_order_relaxed))) {
    report_passage(memory({&slab, place.slot}), slab, place.slot, findings);
  }
  if (MEMOIR_UNLIKELY(record.told != 0)) record.told = 0;
  if (MEMOIR_UNLIKELY(record.was_seen_whole())) {
    record.begin_unseen(record.alignment_log2());
  }
  record.free_api = api;
  record.free_stack = stack;
  record.free_thread = thread;
  if (slab.kind == SlabKind::kSmall) {
    const std::uintptr_t room = room_begin(slab, place.slot);
    fill_pattern(kFreedPattern, room, room_end(slab, place.slot));
    record.state.store(BlockState::kFreed, std::memory_order_release);
    put_into_quarantine(room, slab, cache, findings);
    return;
  }
  const BlockedSignals blocked;
  { SpinGuard until_nobody_looks(looking_); }
  SpinGuard guard(guarding_);
  if (slab.kind == SlabKind::kLarge) return large_.close(slab, source_);
  const std::uint64_t before = now_ns();
  guarded_.close(slab, place.slot);
  serve_other_ends();
  guards_.add_cost(now_ns() - before);
}

MEMOIR_FAST_PATH void CheckedHeap::put_into_quarantine(std::uintptr_t room,
                                                       const Slab& slab,
                                                       ThreadCache& cache,
                                                       Findings& findings) {
  SlotBatch* batch = cache.freed;
  if (MEMOIR_UNLIKELY(batch == nullptr || batch->full() ||
                      batch->bytes >= kMostFreedBytes)) {
    push_batch(cache, findings);
    batch = cache.freed;
    if (batch == nullptr) return;  // no memory: the slot is never used again
  }
  batch->push(room);
  batch->bytes += slab.stride + kKeptWithSlot;
}

// Between two looks at the state nothing has changed: what was seen is so. The memory of
// large and guarded blocks is there as long as somebody looks.
void CheckedHeap::check_slot(const Slab& slab, std::uint32_t slot,
                             Findings& findings) const {
  if (slab.kind == SlabKind::kSmall) return look_at_slot(slab, slot, findings);
  const BlockedSignals blocked;
  SpinGuard guard(looking_);
  look_at_slot(slab, slot, findings);
}

void CheckedHeap::look_at_slot(const Slab& slab, std::uint32_t slot,
                               Findings& findings) const {
  const BlockRecord& record = slab.records[slot];
  const BlockState before = record.state.load(std::memory_order_acquire);
  const std::uint32_t number = record.number;
  const auto unchanged = [&] {
    return record.state.load(std::memory_order_acquire) == before &&
           record.number == number;
  };
  if (before == BlockState::kLive) {
    if (slab.kind == SlabKind::kLarge && !can_read_canaries(slab, slot)) return;
    if (is_whole(slab, slot, canary_) || !unchanged()) return;
    report_damage(memory({&slab, slot}), slab, slot, findings);
  } else if (before == BlockState::kFreed && slab.kind == SlabKind::kSmall) {
    if (is_untouched(slab, slot, canary_) || !unchanged()) return;
    report_touched(memory(), slab, slot, findings);
  } else if (before == BlockState::kUnused && slab.kind == SlabKind::kSmall) {
    // Redzones stand as long as the slot has memory.
    const auto has_memory = [&] {
      return slot < slab.cut.load(std::memory_order_acquire);
    };
    if (!has_memory() || is_untouched(slab, slot, canary_)) return;
    if (unchanged() && has_memory()) report_touched(memory(), slab, slot, findings);
  }
}

void CheckedHeap::check_block(const Place& place, Findings& findings) const {
  check_slot(*place.slab, place.slot, findings);
}

void CheckedHeap::lock() {
  looking_.lock();
  guarding_.lock();
  guarded_.lock().lock();
  large_.lock().lock();
  store_.lock();
  quarantine_.lock().lock();
  batches_.lock().lock();
  source_.lock();
}

void CheckedHeap::unlock() {
  source_.unlock();
  batches_.lock().unlock();
  quarantine_.lock().unlock();
  store_.unlock();
  large_.lock().unlock();
  guarded_.lock().unlock();
  guarding_.unlock();
  looking_.unlock();
}

}  // namespace memoir
