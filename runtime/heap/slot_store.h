#pragma once

// The slots of small blocks that no thread has: of each size class a stack of batches
// that were used before, and a slab that is being cut up.
//
// Thread safety: any thread, with signals blocked; one lock per size class.

#include <atomic>
#include <cstdint>

#include "base/spin_lock.h"
#include "heap/size_class.h"
#include "heap/slab_source.h"
#include "heap/slot_batch.h"

namespace memoir {

class SlotStore {
 public:
  // Free slots of one class, at least one; nullptr when the kernel refuses memory. The
  // redzones around new slots are in place.
  SlotBatch* take(std::size_t size_class, std::uint64_t canary, SlabSource& source,
                  SlotBatchPool& pool);
  // Takes slots back. True when so many wait that whole slabs may be without a block.
  bool give(std::size_t size_class, SlotBatch* batch);

  // All batches that wait, for one who looks for idle slabs; nullptr while another does.
  SlotBatch* take_idle(std::size_t size_class);
  // Takes back what is left of them, and slabs whose slots are not among them any more:
  // their memory was given back, they are cut up anew (both lists may be empty).
  // `with_memory` slots in the batches have some.
  void give_idle(std::size_t size_class, SlotBatch* batches, std::uint64_t with_memory,
                 Slab* hollow);

  // What the slots that wait take of memory, about: of those that were taken in since the
  // last look, and of those that had memory then.
  std::uint64_t idle_bytes() const { return idle_bytes_.load(std::memory_order_relaxed); }

  // Around a fork.
  void lock();
  void unlock();

 private:
  struct Class {
    SpinLock lock;
    SlotBatch* batches = nullptr;
    Slab* slab = nullptr;             // that is being cut up
    Slab* hollow = nullptr;           // to be cut up again
    std::uint64_t waiting = 0;        // slots in `batches`
    std::uint64_t idle = 0;           // bytes: the part of idle_bytes()
    std::uint64_t known_waiting = 0;  // `waiting` after the last look
    std::uint64_t known_idle = 0;     // and `idle`
    bool looked_at = false;
  };

  static Slab* next_slab(Class& of, std::size_t size_class, SlabSource& source);
  bool cut(Class& of, std::size_t size_class, std::uint64_t canary, SlabSource& source,
           SlotBatch& batch);

  void set_idle(Class& of, std::uint64_t bytes);

  Class classes_[kSizeClasses];
  std::atomic<std::uint64_t> idle_bytes_{0};
};

}  // namespace memoir
