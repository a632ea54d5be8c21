#include "bounds/heap_view.h"

#include "bounds/real_functions.h"
#include "bounds/second_bounds.h"

// Absent where libmemoir_preload.so is not loaded: then there is no heap to look at.
extern "C" __attribute__((weak)) const memoir::BoundsInterface memoir_bounds_interface;

namespace memoir {

constinit const CheckedHeap* g_seen_heap = nullptr;

const CheckedHeap* look_for_heap() {
  fill_unrelocated_table();
  if (&memoir_bounds_interface == nullptr || is_second_bounds()) return nullptr;
  if (memoir_bounds_interface.layout != kHeapLayout) return nullptr;
  g_seen_heap = memoir_bounds_interface.heap();
  return g_seen_heap;
}

LibraryAccess SuspectCall::access(FaultAccess kind, const void* at,
                                  std::size_t size) const {
  return {function_, kind, reinterpret_cast<std::uintptr_t>(at), size, silent_};
}

void SuspectCall::reads(const void* from, std::size_t size) {
  if (look_for_heap() == nullptr) return;
  told_ |= memoir_bounds_interface.judge(access(FaultAccess::kRead, from, size), frame_);
}

void SuspectCall::writes(void* to, std::size_t size) {
  if (look_for_heap() == nullptr) return;
  const LibraryAccess write = access(FaultAccess::kWrite, to, size);
  if (!memoir_bounds_interface.judge(write, frame_)) return;
  told_ = true;
  if (count_ < kMostWrites) writes_[count_++] = write;
}

void SuspectCall::is_told_later() {
  if (look_for_heap() == nullptr) return;
  memoir_bounds_interface.enter();
  told_ = true;
}

void SuspectCall::copies(void* to, const void* from, std::size_t size) {
  if (to == from || !overlap(to, from, size) || look_for_heap() == nullptr) return;
  memoir_bounds_interface.tell_overlap(access(FaultAccess::kWrite, to, size),
                                       reinterpret_cast<std::uintptr_t>(from), frame_);
}

SuspectCall::~SuspectCall() {
  for (std::size_t i = 0; i < count_; ++i) memoir_bounds_interface.settle(writes_[i]);
  if (told_) memoir_bounds_interface.leave();
}

}  // namespace memoir
