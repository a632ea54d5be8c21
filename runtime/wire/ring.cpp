#include "wire/ring.h"

#include <linux/futex.h>
#include <time.h>

#include <bit>
#include <cstring>

#include "base/raw_syscall.h"

namespace memoir {

void RingWriter::attach(const SessionMemory& session, std::uint32_t ring) {
  session_ = session;
  header_ = &session.ring_header(ring);
  slots_ = session.ring_slots(ring);
  slots_mask_ = session.layout().ring_slots - 1;
  slots_log2_ = static_cast<unsigned>(std::countr_zero(session.layout().ring_slots));
  head_ = header_->head.load(std::memory_order_acquire);
  known_tail_ = header_->tail.load(std::memory_order_acquire);
}

void RingWriter::detach() { header_->head.store(head_, std::memory_order_release); }

bool RingWriter::refresh_space(std::uint64_t end) {
  known_tail_ = header_->tail.load(std::memory_order_acquire);
  return has_space(end);
}

RingWait RingWriter::wait_for_space(std::uint64_t end, CollectorAlive alive) {
  RingWait answer = RingWait::kSpace;
  header_->waiters.fetch_add(1, std::memory_order_seq_cst);
  for (;;) {
    const std::uint32_t sequence =
        header_->space_sequence.load(std::memory_order_seq_cst);
    if (refresh_space(end)) break;
    if (is_held_up()) {
      answer = RingWait::kHeldUp;
      break;
    }
    const timespec timeout{0, 50'000'000};
    // Not FUTEX_PRIVATE: the other side is another process.
    const long woken = raw_syscall(SYS_futex, &header_->space_sequence, FUTEX_WAIT,
                                   sequence, &timeout, 0, 0);
    if (woken == -110 /* ETIMEDOUT */ && !alive(session_)) {
      answer = RingWait::kCollectorDead;
      break;
    }
  }
  header_->waiters.fetch_sub(1, std::memory_order_relaxed);
  return answer;
}

bool RingWriter::is_held_up() const {
  return meta_lap(slots_[known_tail_ & slots_mask_].meta) !=
         ring_lap(known_tail_, slots_log2_);
}

void RingWriter::give_back(std::uint64_t index, std::uint64_t count) {
  std::uint64_t expected = index + count;
  // One instruction, as in reserve().
  __asm__ volatile("cmpxchgq %2, %1" : "+a"(expected), "+m"(head_) : "r"(index) : "cc");
}

void RingWriter::give_up_unpublished() {
  const std::uint64_t tail = header_->tail.load(std::memory_order_acquire);
  // What still waited for space has written nothing.
  const std::uint64_t end = tail + slots_mask_ + 1;
  if (head_ > end) head_ = end;
  for (std::uint64_t index = tail; index < head_; ++index) {
    EventSlot& slot = slots_[index & slots_mask_];
    if (meta_lap(slot.meta) == ring_lap(index, slots_log2_)) continue;
    publish(index, EventKind::kNone, Api::kUnknown, 0, kNoStack, 0, 0, 0);
  }
}

RingReader::RingReader(const SessionMemory& session, std::uint32_t ring)
    : slots_(session.ring_slots(ring)),
      slots_mask_(session.layout().ring_slots - 1),
      slots_log2_(static_cast<unsigned>(std::countr_zero(session.layout().ring_slots))),
      header_(&session.ring_header(ring)) {}

void RingReader::release() {
  // Stored again where the program wrote over it: its thread would wait for ever.
  const bool stands = header_->tail.load(std::memory_order_relaxed) == position_;
  if (released_ == position_ && stands) return;
  released_ = position_;
  header_->tail.store(position_, std::memory_order_seq_cst);
  if (header_->waiters.load(std::memory_order_seq_cst) == 0) return;
  header_->space_sequence.fetch_add(1, std::memory_order_seq_cst);
  raw_syscall(SYS_futex, &header_->space_sequence, FUTEX_WAKE, 1 << 30);
}

}  // namespace memoir
