#pragma once

// The two ends of a ring. One thread of the program writes, the collector reads; between
// them lies shared memory that either may lose at any moment (kill -9).
//
//   tail ──► [ written, not yet read ] ──► head ──► [ free ] ──► tail + slots
//
// * A slot is reserved first (one instruction, so that a signal handler of the same
// thread
//   can reserve the next), filled, and published by its `meta` word, which carries the
//   lap. The reader stops at the first slot that does not carry the lap it expects. There
//   is no shared head, and a killed writer loses at most the event it was writing.
// * A full ring makes its writer wait on a futex until the reader moves its tail.
// * The reader copies a slot before it looks at it.

#include <atomic>
#include <cstdint>

#include "base/compiler.h"
#include "wire/event.h"
#include "wire/session_memory.h"

namespace memoir {

constexpr std::uint8_t ring_lap(std::uint64_t index, unsigned slots_log2) {
  return static_cast<std::uint8_t>((index >> slots_log2 & 127) + 1);
}

// Why a writer stopped waiting for space.
// kHeldUp: an unwritten event of this same thread is next to be read, which a signal
// handler, our caller, has interrupted. No waiting gives it room.
enum class RingWait : std::uint8_t { kSpace, kCollectorDead, kHeldUp };

// Decides, while a writer waits, whether the collector still lives. Called every 50 ms.
using CollectorAlive = bool (*)(const SessionMemory&);

class RingWriter {
 public:
  RingWriter() = default;
  // Takes up ring `ring` where its last owner left it.
  void attach(const SessionMemory& session, std::uint32_t ring);
  // Leaves the position for the next owner.
  void detach();

  // Reserves `count` (1 or 2) slots and gives the index of the first. Async-signal safe.
  MEMOIR_FAST_PATH std::uint64_t reserve(std::uint64_t count) {
    std::uint64_t index = count;
    // One instruction: a handler that interrupts this thread gets the next slots.
    __asm__ volatile("xaddq %0, %1" : "+r"(index), "+m"(head_) : : "cc");
    return index;
  }

  MEMOIR_FAST_PATH bool has_space(std::uint64_t end) const {
    return end - known_tail_ <= slots_mask_ + 1;
  }
  // Looks at the reader's tail again.
  bool refresh_space(std::uint64_t end);
  // Waits until the slots below `end` are free.
  RingWait wait_for_space(std::uint64_t end, CollectorAlive alive);

  MEMOIR_FAST_PATH void publish(std::uint64_t index, EventKind kind, Api api,
                                std::uint8_t alignment_log2, StackNodeId stack,
                                std::uint64_t time, std::uint64_t address,
                                std::uint64_t size) {
    EventSlot& slot = slots_[index & slots_mask_];
    slot.time = time;
    slot.address = address;
    slot.size = size;
    const std::uint64_t meta =
        pack_meta(kind, api, alignment_log2, ring_lap(index, slots_log2_), stack);
    std::atomic_ref<std::uint64_t>(slot.meta).store(meta, std::memory_order_release);
  }

  // Takes the last reservation back; nothing was written there.
  void give_back(std::uint64_t index, std::uint64_t count);

  // Publishes as kNone whatever was reserved and never published: a signal handler left
  // the write by longjmp. Only its owner may call it, outside of any write.
  void give_up_unpublished();

  std::uint64_t head() const { return head_; }
  RingHeader* header() const { return header_; }

 private:
  // Whether the slot that is next to be read was never written.
  bool is_held_up() const;

  std::uint64_t head_ = 0;        // slots reserved, since the session began
  std::uint64_t known_tail_ = 0;  // what the reader was seen to have taken
  std::uint64_t slots_mask_ = 0;
  EventSlot* slots_ = nullptr;
  unsigned slots_log2_ = 0;
  RingHeader* header_ = nullptr;
  SessionMemory session_;
};

class RingReader {
 public:
  RingReader() = default;
  RingReader(const SessionMemory& session, std::uint32_t ring);

  // Takes the next published event. False when there is none (yet).
  bool next(Event& event) {
    EventSlot slot;
    if (!read_slot(position_, slot)) return false;
    const EventKind kind = meta_kind(slot.meta);
    if (takes_two_slots(kind)) {
      EventSlot second;
      if (!read_slot(position_ + 1, second)) return false;
      ++position_;
      event.more_time = second.time;
      event.more_address = second.address;
      event.more_size = second.size;
    }
    ++position_;
    event.kind = kind;
    event.api = meta_api(slot.meta);
    event.alignment_log2 = meta_alignment_log2(slot.meta);
    event.stack = meta_stack(slot.meta);
    event.time = slot.time;
    event.address = slot.address;
    event.size = slot.size;
    return true;
  }
  // Lets the writer have the slots that were taken, and wakes it if it waits.
  void release();
  // Slots taken and not yet given back.
  std::uint64_t unreleased() const { return position_ - released_; }

 private:
  bool read_slot(std::uint64_t index, EventSlot& slot) const {
    const EventSlot& shared = slots_[index & slots_mask_];
    slot.meta = std::atomic_ref<std::uint64_t>(const_cast<std::uint64_t&>(shared.meta))
                    .load(std::memory_order_acquire);
    if (meta_lap(slot.meta) != ring_lap(index, slots_log2_)) return false;
    slot.time = shared.time;
    slot.address = shared.address;
    slot.size = shared.size;
    return true;
  }

  const EventSlot* slots_ = nullptr;
  std::uint64_t slots_mask_ = 0;
  unsigned slots_log2_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t released_ = 0;
  RingHeader* header_ = nullptr;
};

}  // namespace memoir
