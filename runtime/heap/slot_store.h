#pragma once

// The slots of small blocks that no thread has: of each size class a stack of batches
// that were used before, and a slab that is being cut up.
//
// Thread safety: any thread, with signals blocked; one lock per size class.

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
  void give_idle(std::size_t size_class, SlotBatch* batches, Slab* hollow);

  // Around a fork.
  void lock();
  void unlock();

 private:
  struct Class {
    SpinLock lock;
    SlotBatch* batches = nullptr;
    Slab* slab = nullptr;          // that is being cut up
    Slab* hollow = nullptr;        // to be cut up again
    std::uint64_t waiting = 0;     // slots in `batches`
    std::uint64_t known_idle = 0;  // bytes that waited after the last look
    bool looked_at = false;
  };

  static Slab* next_slab(Class& of, std::size_t size_class, SlabSource& source);
  bool cut(Class& of, std::size_t size_class, std::uint64_t canary, SlabSource& source,
           SlotBatch& batch);

  Class classes_[kSizeClasses];
};

}  // namespace memoir
