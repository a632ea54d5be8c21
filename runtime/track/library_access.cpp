#include "track/library_access.h"

#include <cerrno>
#include <cstring>

#include "base/compiler.h"
#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/recording.h"

namespace memoir {
namespace {

MEMOIR_THREAD_LOCAL bool t_is_in_told_call = false;

std::uintptr_t end_of(const LibraryAccess& access) {
  std::uintptr_t end = 0;
  return __builtin_add_overflow(access.address, access.size, &end) ? ~std::uintptr_t{0}
                                                                   : end;
}

TextRef name_of_function(const char* function) {
  if (!is_recording()) return 0;
  return g_runtime.session.memory().add_text(function, strlen(function));
}

FaultRecord record_of(FaultKind kind, const LibraryAccess& access, const void* frame) {
  FaultRecord record;
  record.kind = kind;
  record.access = access.access;
  record.flags = kFaultInLibrary;
  record.address = access.address;
  record.size = access.size;
  record.stack = walk_stack(frame);
  record.function = name_of_function(access.function);
  return record;
}

// The block that an access between two blocks concerns: the nearer one, and the lower one
// when the access begins almost at its end. Late finds are judged alike.
Place find_concerned(const CheckedHeap& heap, const LibraryAccess& access) {
  constexpr std::uintptr_t kAlmost = 4;
  const Place below = heap.find(access.address);
  if (below.is != AddressIs::kInside || below.slab->kind != SlabKind::kSmall)
    return below;
  const std::uintptr_t block_end = heap.view(below).end();
  const std::uint32_t next = below.slot + 1;
  if (access.address < block_end + kAlmost ||
      next >= below.slab->used.load(std::memory_order_acquire)) {
    return below;
  }
  const BlockState state =
      below.slab->records[next].state.load(std::memory_order_acquire);
  if (state != BlockState::kLive && !was_freed(state)) return below;
  const Place above{AddressIs::kInside, below.slab, next};
  const std::uintptr_t begin = heap.view(above).begin;
  const std::uintptr_t end = end_of(access);
  const std::uintptr_t distance = end < begin ? begin - end : 0;
  return distance < access.address - block_end ? above : below;
}

}  // namespace

const CheckedHeap* heap_of_process() {
  return serves_blocks() ? &checked_heap() : nullptr;
}

bool judge_library_access(const LibraryAccess& access, const void* frame) {
  if (access.size == 0 || !serves_blocks()) return false;
  const int saved_errno = errno;
  const CheckedHeap& heap = checked_heap();
  const Place place = find_concerned(heap, access);
  if (place.is == AddressIs::kForeign) return false;
  const BlockView block = heap.view(place);
  const FaultKind kind = diagnose_access(block, access.address, access.size);
  if (kind == FaultKind::kNone) return false;
  if (!access.is_consequence) {
    FaultRecord record = record_of(kind, access, frame);
    describe_block(record, block);
    report_fault(record, frame);
  }
  if (access.access == FaultAccess::kWrite) heap.mark_told(place);
  t_is_in_told_call = true;
  errno = saved_errno;
  return true;
}

void tell_library_overlap(const LibraryAccess& access, std::uintptr_t other,
                          const void* frame) {
  const int saved_errno = errno;
  FaultRecord record = record_of(FaultKind::kMemoryOverlap, access, frame);
  record.claimed = other;
  if (serves_blocks()) {
    const Place place = checked_heap().find(access.address);
    if (place.is != AddressIs::kForeign)
      describe_block(record, checked_heap().view(place));
  }
  report_fault(record, frame);
  errno = saved_errno;
}

void settle_library_access(const LibraryAccess& access) {
  if (access.access != FaultAccess::kWrite || !serves_blocks()) return;
  const CheckedHeap& heap = checked_heap();
  const Place place = find_concerned(heap, access);
  if (place.is == AddressIs::kForeign) return;
  heap.mend_beyond(place, access.address, end_of(access));
}

void enter_library_call() { t_is_in_told_call = true; }

void leave_library_call() { t_is_in_told_call = false; }

bool is_in_told_call() { return t_is_in_told_call; }

}  // namespace memoir
