#include "track/byte_watches.h"

#include <atomic>

#include "base/careful_read.h"
#include "heap/redzone.h"

namespace memoir {
namespace {

enum Phase : std::uint32_t { kIdle, kChanging, kArmed, kTelling };
constexpr std::uint32_t kPhaseBits = 2;
constexpr std::uint32_t kMostWatched = 8;  // bytes of a breakpoint

// The phase in the lowest bits, above it how often the watch was set.
struct Watch {
  std::atomic<std::uint32_t> state{kIdle};
  WatchedBytes on;
};
constinit Watch g_watches[kMostBreakpoints] = {};

std::uint32_t phase_of(std::uint32_t state) { return state & ((1u << kPhaseBits) - 1); }
std::uint32_t ticket_of(std::uint32_t state) { return state >> kPhaseBits; }

bool move(Watch& watch, std::uint32_t state, Phase to) {
  const std::uint32_t next = (state & ~((1u << kPhaseBits) - 1)) | to;
  return watch.state.compare_exchange_strong(state, next, std::memory_order_acq_rel);
}

void become(Watch& watch, Phase phase) {
  const std::uint32_t state = watch.state.load(std::memory_order_relaxed);
  watch.state.store((state & ~((1u << kPhaseBits) - 1)) | phase,
                    std::memory_order_release);
}

// The caller has moved it to kChanging.
bool set(Watch& watch, const WatchedBytes& wanted) {
  const std::uint32_t before = watch.state.load(std::memory_order_relaxed);
  const std::uint32_t state = before + (1u << kPhaseBits);
  watch.on = wanted;
  watch.state.store(state, std::memory_order_release);
  const bool is_set =
      set_breakpoint(static_cast<unsigned>(&watch - g_watches),
                     {wanted.address, wanted.bytes, wanted.on_reads, ticket_of(state)});
  become(watch, is_set ? kArmed : kIdle);
  return is_set;
}

bool is_of(const WatchedBytes& on, const Place& place, std::uint32_t number) {
  return on.place.slab == place.slab && on.place.slot == place.slot &&
         on.number == number;
}

// Whether the bytes still are what they were watched for.
bool still_stands(const WatchedBytes& on) {
  const BlockRecord& record = on.place.slab->records[on.place.slot];
  const BlockState state = record.state.load(std::memory_order_acquire);
  if (record.number != on.number) return false;
  return on.is_freed ? state == BlockState::kFreed : state == BlockState::kLive;
}

// The first byte of [begin, end) that is not what the heap has put there; `end` for none.
std::uintptr_t first_changed(std::uint64_t pattern, std::uintptr_t begin,
                             std::uintptr_t end) {
  for (std::uintptr_t at = begin; at < end; at += kMostWatched) {
    std::uint8_t bytes[kMostWatched];
    const std::size_t count = end - at < kMostWatched ? end - at : kMostWatched;
    // Not by this thread itself: that would be an access, too.
    if (read_carefully(at, bytes, count) != CarefulRead::kRead) return end;
    for (std::size_t i = 0; i < count; ++i) {
      if (bytes[i] != pattern_byte(pattern, at + i)) return at + i;
    }
  }
  return end;
}

// A write may have begun before the bytes that are watched, still beside the block.
std::uintptr_t first_written(const CheckedHeap& heap, const TouchedBytes& touched) {
  constexpr std::uintptr_t kWidest = 64;  // of one instruction
  const WatchedBytes& on = touched.watched;
  const std::uint64_t pattern = on.is_freed ? kFreedPattern : heap.canary();
  const std::uintptr_t end = on.address + on.bytes;
  const std::uintptr_t changed = first_changed(pattern, on.address, end);
  if (changed != on.address) return changed;
  const Slab& slab = *on.place.slab;
  std::uintptr_t low = room_begin(slab, on.place.slot);
  if (slab.kind == SlabKind::kSmall && !on.is_freed) low -= slab.redzone;
  if (!on.is_freed && on.address >= touched.block.end()) low = touched.block.end();
  if (low + kWidest < on.address) low = on.address - kWidest;
  return first_changed(pattern, low, on.address + 1);
}

}  // namespace

WatchedBytes find_watched_bytes(const CheckedHeap& heap, const Place& place,
                                std::uintptr_t address) {
  WatchedBytes found;
  const Slab& slab = *place.slab;
  const BlockView block = heap.view(place);
  const bool is_small = slab.kind == SlabKind::kSmall;
  const std::uintptr_t redzone = is_small ? slab.redzone : 0;
  std::uintptr_t low = room_begin(slab, place.slot) - redzone;
  std::uintptr_t high = room_end(slab, place.slot) + redzone;
  if (block.live) {
    if (address >= block.end()) {
      low = block.end();
    } else if (address < block.begin) {
      high = block.begin;
    } else {
      return found;
    }
  } else {
    if (!is_small) return found;  // it has no memory
    low += redzone;
    high -= redzone;
  }
  if (address < low || address >= high) return found;
  found.place = place;
  found.number = block.number;
  found.is_freed = !block.live;
  for (found.bytes = kMostWatched; found.bytes > 1; found.bytes /= 2) {
    found.address = address & ~(std::uintptr_t{found.bytes} - 1);
    if (found.address >= low && found.address + found.bytes <= high) return found;
  }
  found.address = address;
  return found;
}

void watch_bytes(const WatchedBytes& wanted) {
  for (Watch& watch : g_watches) {
    const std::uint32_t state = watch.state.load(std::memory_order_acquire);
    if (phase_of(state) != kIdle || !move(watch, state, kChanging)) continue;
    if (set(watch, wanted)) return;
  }
  if (!wanted.is_sure) return;
  for (Watch& watch : g_watches) {
    const std::uint32_t state = watch.state.load(std::memory_order_acquire);
    const bool may_go = phase_of(state) == kArmed && !watch.on.is_sure;
    if (!may_go || !move(watch, state, kChanging)) continue;
    if (set(watch, wanted)) return;
  }
}

void unwatch_block(const Place& place, std::uint32_t number) {
  for (Watch& watch : g_watches) {
    const std::uint32_t state = watch.state.load(std::memory_order_acquire);
    if (phase_of(state) != kArmed || !is_of(watch.on, place, number)) continue;
    if (!move(watch, state, kChanging)) continue;
    clear_breakpoint(static_cast<unsigned>(&watch - g_watches));
    become(watch, kIdle);
  }
}

bool find_touched_bytes(const CheckedHeap& heap, const BreakpointHit& hit,
                        TouchedBytes& touched) {
  Watch& watch = g_watches[hit.index];
  const std::uint32_t state = watch.state.load(std::memory_order_acquire);
  if (phase_of(state) != kArmed || ticket_of(state) != hit.ticket) return false;
  if (!move(watch, state, kTelling)) return false;
  touched.watched = watch.on;
  if (!still_stands(watch.on)) {
    clear_watch(hit);
    end_watch(hit);
    return false;
  }
  touched.block = heap.view(watch.on.place);
  touched.address = first_written(heap, touched);
  touched.is_write = touched.address < watch.on.address + watch.on.bytes;
  if (!touched.is_write) touched.address = watch.on.address;
  if (touched.is_write || watch.on.on_reads) return true;
  keep_watching(hit);  // the bytes that were written are the ones that stood there
  return false;
}

void keep_watching(const BreakpointHit& hit) { become(g_watches[hit.index], kArmed); }

void clear_watch(const BreakpointHit& hit) { clear_breakpoint(hit.index); }

void end_watch(const BreakpointHit& hit) { become(g_watches[hit.index], kIdle); }

void watch_again_after_fork() {
  reopen_breakpoints();
  for (Watch& watch : g_watches) {
    const std::uint32_t state = watch.state.load(std::memory_order_relaxed);
    // What another thread was changing meanwhile stays with the parent.
    const bool was_armed = phase_of(state) == kArmed;
    become(watch, was_armed ? kChanging : kIdle);
    if (was_armed) set(watch, WatchedBytes(watch.on));
  }
}

}  // namespace memoir
