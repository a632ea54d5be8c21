#pragma once

// Where slabs come from: address space from the kernel, in granules, and descriptors.
//
// Thread safety: any thread, with signals blocked.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/metadata_arena.h"
#include "base/spin_lock.h"
#include "heap/page_map.h"
#include "heap/slab.h"

namespace memoir {

class SlabSource {
 public:
  // Memory for a slab of whole granules: readable, writable, zeroed, of small pages. 0
  // when the kernel refuses.
  std::uintptr_t map(std::size_t bytes);
  void unmap(std::uintptr_t begin, std::size_t bytes);

  // A descriptor with room for `slots` records, which are unused; nullptr when the kernel
  // refuses.
  Slab* make_slab(std::uint32_t slots);
  // One with a single record, which is in no map any more.
  void give_back(Slab* slab);

  // Makes the slab known: to the page map, and to those who go through all. False when
  // there is no memory for that.
  bool publish(Slab* slab);
  // Before the slab's memory is unmapped: no address leads to it any more.
  void withdraw(Slab* slab) { map_.set(slab->begin, slab->end, nullptr, arena_); }

  Slab* find(std::uintptr_t address) const { return map_.find(address); }
  // The slabs that were published last; each names the next.
  Slab* first() const { return all_.load(std::memory_order_acquire); }
  MetadataArena& arena() { return arena_; }

  // Around a fork.
  void lock();
  void unlock();

 private:
  SpinLock lock_;
  // What is left of the last stretch that was reserved.
  std::uintptr_t next_ = 0;
  std::uintptr_t end_ = 0;
  Slab* free_ = nullptr;
  std::atomic<Slab*> all_{nullptr};
  MetadataArena arena_;
  PageMap map_;
};

}  // namespace memoir
