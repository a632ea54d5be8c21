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
  void give(std::size_t size_class, SlotBatch* batch);

  // Around a fork.
  void lock();
  void unlock();

 private:
  struct Class {
    SpinLock lock;
    SlotBatch* batches = nullptr;
    Slab* slab = nullptr;  // with slots that were never used
  };

  bool cut(Class& of, std::size_t size_class, std::uint64_t canary, SlabSource& source,
           SlotBatch& batch);

  Class classes_[kSizeClasses];
};

}  // namespace memoir
