#pragma once

// Holds freed blocks back from reuse, so that a late access finds a block the heap still
// remembers.
//
//   free(p) ──► a thread's batch ──► [ oldest ............ newest ] ──► free slots
//
// Invariants:
//  (1) bytes() <= capacity between calls, but for what threads hold in unfinished
//  batches. (2) A slot's memory is not touched here: it is looked at when it is handed
//  out again,
//      which is the last moment a write after free shows.
//
// Thread safety: push() from any thread, with signals blocked.

#include <atomic>
#include <cstdint>

#include "base/spin_lock.h"
#include "heap/slot_batch.h"

namespace memoir {

class Quarantine {
 public:
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }

  // So many bytes less than the capacity, down to half of it, are held back: they serve
  // other ends.
  void set_aside(std::uint64_t bytes) { aside_.store(bytes, std::memory_order_relaxed); }

  // Takes a batch in; the oldest one, if there are too many bytes now, comes back out.
  SlotBatch* push(SlotBatch* batch) {
    SpinGuard guard(lock_);
    batch->next = nullptr;
    if (newest_ == nullptr) {
      oldest_ = batch;
    } else {
      newest_->next = batch;
    }
    newest_ = batch;
    bytes_ += batch->bytes;
    return take_surplus();
  }

  // The oldest batch, while there are too many bytes.
  SlotBatch* pop_surplus() {
    SpinGuard guard(lock_);
    return take_surplus();
  }

  // The oldest batch, however few bytes there are.
  SlotBatch* pop() {
    SpinGuard guard(lock_);
    return oldest_ == nullptr ? nullptr : take_oldest();
  }

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t capacity() const { return capacity_; }
  SpinLock& lock() { return lock_; }

 private:
  SlotBatch* take_surplus() {
    const std::uint64_t aside = aside_.load(std::memory_order_relaxed);
    const std::uint64_t most =
        capacity_ - (aside < capacity_ / 2 ? aside : capacity_ / 2);
    return bytes_ <= most ? nullptr : take_oldest();
  }

  SlotBatch* take_oldest() {
    SlotBatch* out = oldest_;
    oldest_ = out->next;
    if (oldest_ == nullptr) newest_ = nullptr;
    bytes_ -= out->bytes;
    out->next = nullptr;
    return out;
  }

  SpinLock lock_;
  SlotBatch* oldest_ = nullptr;
  SlotBatch* newest_ = nullptr;
  std::uint64_t bytes_ = 0;
  std::uint64_t capacity_ = std::uint64_t{64} << 20;
  std::atomic<std::uint64_t> aside_{0};
};

}  // namespace memoir
