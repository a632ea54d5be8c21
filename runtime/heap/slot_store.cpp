#include "heap/slot_store.h"

#include <algorithm>
#include <utility>

#include "base/pages.h"
#include "heap/redzone.h"

namespace memoir {
namespace {

// A thread takes about so much of new memory at a time.
constexpr std::uint32_t kCutBytes = 16u << 10;
// So much more waits of a class than the last time that slabs may be idle.
constexpr std::uint64_t kWorthALook = std::uint64_t{512} << 10;

// Of the larger ones whole pages go back before they wait.
std::uint64_t idle_bytes_of(std::size_t size_class_index) {
  const std::uint64_t stride = size_class(size_class_index).stride();
  return std::min(stride, std::uint64_t{kPageSize}) + kKeptWithSlot;
}

Slab* make_small_slab(std::size_t size_class_index, SlabSource& source) {
  const SizeClass& c = size_class(size_class_index);
  Slab* slab = source.make_slab(c.slots);
  if (slab == nullptr) return nullptr;
  const std::uintptr_t memory = source.map(c.slab_bytes);
  if (memory == 0) return nullptr;
  slab->begin = memory;
  slab->end = memory + c.slab_bytes;
  slab->first = memory;
  slab->stride = c.stride();
  slab->inverse = stride_inverse(c.stride());
  slab->redzone = c.redzone;
  slab->slots = c.slots;
  slab->kind = SlabKind::kSmall;
  slab->size_class = static_cast<std::uint8_t>(size_class_index);
  return source.publish(slab) ? slab : nullptr;
}

// Whether the last redzone of what has been cut is damaged.
bool is_run_into(const Slab& slab, std::uint64_t canary) {
  const std::uintptr_t end = room_begin(slab, slab.cut.load(std::memory_order_relaxed));
  return static_cast<bool>(find_damage(canary, end - slab.redzone, end));
}

}  // namespace

Slab* SlotStore::next_slab(Class& of, std::size_t size_class_index, SlabSource& source) {
  Slab* slab = of.hollow;
  if (slab == nullptr) return make_small_slab(size_class_index, source);
  of.hollow = slab->next_free;
  return slab;
}

bool SlotStore::cut(Class& of, std::size_t size_class_index, std::uint64_t canary,
                    SlabSource& source, SlotBatch& batch) {
  // Damage that runs into what is cut next stays to be seen as a whole: nothing is cut
  // there any more.
  if (of.slab != nullptr && is_run_into(*of.slab, canary)) of.slab = nullptr;
  if (of.slab == nullptr) of.slab = next_slab(of, size_class_index, source);
  if (of.slab == nullptr) return false;
  Slab& slab = *of.slab;
  const std::uint32_t from = slab.cut.load(std::memory_order_relaxed);
  std::uint32_t count = kCutBytes / slab.stride + 1;
  if (count > SlotBatch::kCapacity) count = SlotBatch::kCapacity;
  if (count > slab.slots - from) count = slab.slots - from;
  for (std::uint32_t i = 0; i <= count; ++i) {
    // The first redzone stands since the slot before it was cut; what has happened to it
    // since must stay to be seen.
    const std::uintptr_t room = room_begin(slab, from + i);
    if (i != 0 || from == 0) fill_pattern(canary, room - slab.redzone, room);
  }
  const std::uint32_t used = slab.used.load(std::memory_order_relaxed);
  // Written before they are read: memory that is read first costs the kernel twice.
  for (std::uint32_t slot = std::max(from, used); slot < from + count; ++slot) {
    slab.records[slot].state.store(BlockState::kUnused, std::memory_order_relaxed);
  }
  // Handed out in the order of their addresses.
  for (std::uint32_t i = count; i > 0; --i) batch.push(room_begin(slab, from + i - 1));
  slab.cut.store(from + count, std::memory_order_release);
  slab.used.store(std::max(from + count, used), std::memory_order_release);
  if (from + count == slab.slots) of.slab = nullptr;
  return true;
}

SlotBatch* SlotStore::take(std::size_t size_class_index, std::uint64_t canary,
                           SlabSource& source, SlotBatchPool& pool) {
  Class& of = classes_[size_class_index];
  SpinGuard guard(of.lock);
  if (SlotBatch* batch = of.batches) {
    of.batches = batch->next;
    of.waiting -= batch->count;
    const std::uint64_t bytes = batch->count * idle_bytes_of(size_class_index);
    set_idle(of, of.idle - std::min(of.idle, bytes));
    batch->next = nullptr;
    return batch;
  }
  SlotBatch* batch = pool.take(source.arena());
  if (batch == nullptr) return nullptr;
  if (cut(of, size_class_index, canary, source, *batch)) return batch;
  pool.give(batch);
  return nullptr;
}

bool SlotStore::give(std::size_t size_class_index, SlotBatch* batch) {
  Class& of = classes_[size_class_index];
  SpinGuard guard(of.lock);
  batch->next = of.batches;
  of.batches = batch;
  of.waiting += batch->count;
  const std::uint64_t each = idle_bytes_of(size_class_index);
  set_idle(of, of.idle + batch->count * each);
  // A look goes through all that waits.
  const std::uint64_t known = of.known_waiting * each;
  return of.idle >= of.known_idle + std::max({kWorthALook, of.known_idle / 2, known / 8});
}

SlotBatch* SlotStore::take_idle(std::size_t size_class_index) {
  Class& of = classes_[size_class_index];
  SpinGuard guard(of.lock);
  if (of.looked_at || of.batches == nullptr) return nullptr;
  of.looked_at = true;
  of.waiting = 0;
  set_idle(of, 0);
  return std::exchange(of.batches, nullptr);
}

void SlotStore::give_idle(std::size_t size_class_index, SlotBatch* batches,
                          std::uint64_t with_memory, Slab* hollow) {
  Class& of = classes_[size_class_index];
  SpinGuard guard(of.lock);
  of.looked_at = false;
  while (batches != nullptr) {
    SlotBatch* batch = std::exchange(batches, batches->next);
    batch->next = std::exchange(of.batches, batch);
    of.waiting += batch->count;
  }
  set_idle(of, of.idle + with_memory * idle_bytes_of(size_class_index));
  of.known_waiting = of.waiting;
  of.known_idle = of.idle;
  while (hollow != nullptr) {
    Slab* slab = std::exchange(hollow, hollow->next_free);
    slab->next_free = std::exchange(of.hollow, slab);
  }
}

void SlotStore::set_idle(Class& of, std::uint64_t bytes) {
  idle_bytes_.fetch_add(bytes - of.idle, std::memory_order_relaxed);
  of.idle = bytes;
}

void SlotStore::lock() {
  for (Class& of : classes_) of.lock.lock();
}

void SlotStore::unlock() {
  for (Class& of : classes_) of.lock.unlock();
}

}  // namespace memoir
