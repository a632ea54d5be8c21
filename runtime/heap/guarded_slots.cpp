#include "heap/guarded_slots.h"

#include <bit>

#include "base/pages.h"
#include "heap/guard_pages.h"
#include "heap/redzone.h"

namespace memoir {
namespace {

// What a slot may have, in pages.
constexpr std::uint32_t kPages[] = {1, 2, 3, 4, 6, 8, 12, 16};
constexpr std::uint32_t kSlotsAtATime = 32;

std::uint64_t stride_of(std::size_t index) {
  return (std::uint64_t{kPages[index]} + 1) * kPageSize;
}

std::uint64_t pack(const Slab& slab, std::uint32_t slot) {
  return reinterpret_cast<std::uint64_t>(&slab) << 16 | slot;
}

}  // namespace

bool GuardedSlots::make_queue(Size& size, std::uint64_t stride,
                              MetadataArena& arena) const {
  if (size.closed != nullptr) return true;
  // Room for all slots that there can be.
  const auto capacity = static_cast<std::uint32_t>(
      std::bit_ceil(settings_.space_bytes / stride + kSlotsAtATime + 1));
  void* memory = arena.allocate(capacity * sizeof(std::uint64_t));
  if (memory == nullptr) return false;
  size.closed = static_cast<std::uint64_t*>(memory);
  size.capacity = capacity;
  return true;
}

bool GuardedSlots::make_slab(std::size_t index, SlabSource& source) {
  const std::uint64_t stride = stride_of(index);
  const std::uint64_t bytes = round_up(kSlotsAtATime * stride + kPageSize, kGranule);
  if (space_ + bytes > settings_.space_bytes) return false;
  Size& size = sizes_[index];
  if (!make_queue(size, stride, source.arena())) return false;
  const auto slots = static_cast<std::uint32_t>((bytes - kPageSize) / stride);
  Slab* slab = source.make_slab(slots);
  if (slab == nullptr) return false;
  const std::uintptr_t memory = source.map(bytes);
  if (memory == 0 || !install_guards(memory, bytes)) {
    settings_.space_bytes = space_;  // it would be no other the next time
    return false;
  }
  slab->begin = memory;
  slab->end = memory + bytes;
  slab->first = memory + kPageSize;
  slab->stride = static_cast<std::uint32_t>(stride);
  slab->inverse = stride_inverse(slab->stride);
  slab->data_bytes = std::uint64_t{kPages[index]} * kPageSize;
  slab->kind = SlabKind::kGuarded;
  slab->size_class = static_cast<std::uint8_t>(index);
  if (!source.publish(slab)) return false;
  size.slab = slab;
  space_ += bytes;
  return true;
}

GuardedSlot GuardedSlots::pop_closed(Size& size) {
  const std::uint64_t packed = size.closed[size.oldest];
  size.oldest = (size.oldest + 1) % size.capacity;
  --size.count;
  return {reinterpret_cast<Slab*>(packed >> 16),
          static_cast<std::uint32_t>(packed & 0xffff)};
}

GuardedSlot GuardedSlots::find_slot(std::size_t index, SlabSource& source) {
  Size& size = sizes_[index];
  if (size.count > settings_.waiting) return pop_closed(size);
  if (size.slab != nullptr || make_slab(index, source)) {
    Slab* slab = size.slab;
    const std::uint32_t slot = slab->used.load(std::memory_order_relaxed);
    slab->records[slot].state.store(BlockState::kOpening, std::memory_order_relaxed);
    slab->used.store(slot + 1, std::memory_order_release);
    if (slot + 1 == slab->slots) size.slab = nullptr;
    return {slab, slot};
  }
  return size.count != 0 ? pop_closed(size) : GuardedSlot{};
}

GuardedSlot GuardedSlots::take(std::size_t bytes, SlabSource& source, bool sure) {
  std::size_t index = 0;
  while (std::uint64_t{kPages[index]} * kPageSize < bytes) {
    if (++index == kSizes) return {};
  }
  const std::uint64_t data = std::uint64_t{kPages[index]} * kPageSize;
  GuardedSlot found;
  {
    SpinGuard guard(lock_);
    const bool is_full =
        memory_ + data > settings_.memory_bytes || live_ >= settings_.most_live;
    if (is_full && !sure) return {};
    found = find_slot(index, source);
    if (found.slab == nullptr) return {};
    memory_ += data;
    ++live_;
  }
  found.slab->records[found.slot].state.store(BlockState::kOpening,
                                              std::memory_order_release);
  if (remove_guards(room_begin(*found.slab, found.slot), data)) return found;
  // No more mappings: the slot waits, and there are no others than those that live.
  found.slab->records[found.slot].state.store(BlockState::kUnused,
                                              std::memory_order_release);
  release_budget(*found.slab);
  SpinGuard guard(lock_);
  settings_.most_live = live_;
  return {};
}

void GuardedSlots::release_budget(const Slab& slab) {
  SpinGuard guard(lock_);
  memory_ -= slab.data_bytes;
  --live_;
}

void GuardedSlots::close(Slab& slab, std::uint32_t slot) {
  const std::uintptr_t begin = room_begin(slab, slot);
  // The guards beside it may have been opened.
  if (!install_guards(begin - kPageSize, slab.data_bytes + 2 * kPageSize)) {
    fill_pattern(kFreedPattern, begin, begin + slab.data_bytes);
  }
  slab.records[slot].state.store(BlockState::kFreed, std::memory_order_release);
  release_budget(slab);
  SpinGuard guard(lock_);
  Size& size = sizes_[slab.size_class];
  size.closed[(size.oldest + size.count) % size.capacity] = pack(slab, slot);
  ++size.count;
}

}  // namespace memoir
