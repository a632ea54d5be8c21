#include "heap/diagnose.h"

namespace memoir {

ApiFamily family_of(Api api) {
  switch (api) {
    case Api::kNew:
    case Api::kNewNothrow:
    case Api::kNewAligned:
    case Api::kNewAlignedNothrow:
    case Api::kDelete:
    case Api::kDeleteNothrow:
    case Api::kDeleteSized:
    case Api::kDeleteAligned:
    case Api::kDeleteSizedAligned:
    case Api::kDeleteAlignedNothrow:
      return ApiFamily::kNew;
    case Api::kNewArray:
    case Api::kNewArrayNothrow:
    case Api::kNewArrayAligned:
    case Api::kNewArrayAlignedNothrow:
    case Api::kDeleteArray:
    case Api::kDeleteArrayNothrow:
    case Api::kDeleteArraySized:
    case Api::kDeleteArrayAligned:
    case Api::kDeleteArraySizedAligned:
    case Api::kDeleteArrayAlignedNothrow:
      return ApiFamily::kNewArray;
    case Api::kUnknown:
      return ApiFamily::kUnknown;
    default:
      return ApiFamily::kMalloc;
  }
}

FaultKind diagnose_release(const BlockView& block, Api api, std::uint64_t claimed_size,
                           std::uint8_t claimed_alignment_log2) {
  // Most blocks are made by malloc and taken back by free.
  if (api == Api::kFree && block.alloc_api == Api::kMalloc) return FaultKind::kNone;
  const ApiFamily made = family_of(block.alloc_api);
  const ApiFamily released = family_of(api);
  if (made != released && made != ApiFamily::kUnknown &&
      released != ApiFamily::kUnknown) {
    return FaultKind::kAllocDeallocMismatch;
  }
  const bool claims_size = api == Api::kDeleteSized || api == Api::kDeleteArraySized ||
                           api == Api::kDeleteSizedAligned ||
                           api == Api::kDeleteArraySizedAligned ||
                           api == Api::kFreeSized || api == Api::kFreeAlignedSized;
  // Memory for nothing is made one byte large by some C++ runtimes.
  const bool same_size =
      claimed_size == block.size || (block.size == 0 && claimed_size == 1);
  if (claims_size && !same_size) return FaultKind::kSizeMismatch;
  if (released == ApiFamily::kMalloc && api != Api::kFreeAlignedSized) {
    return FaultKind::kNone;
  }
  // What operator new without an alignment makes, the one without takes back. An
  // alignment of 1 is one that was said.
  const bool said = block.alloc_api == Api::kNewAligned ||
                    block.alloc_api == Api::kNewAlignedNothrow ||
                    block.alloc_api == Api::kNewArrayAligned ||
                    block.alloc_api == Api::kNewArrayAlignedNothrow;
  const std::uint8_t made_with =
      block.alignment_log2 == 0 && !said ? kNoAlignment : block.alignment_log2;
  return made_with == claimed_alignment_log2 ? FaultKind::kNone
                                             : FaultKind::kAlignmentMismatch;
}

FaultKind diagnose_access(const BlockView& nearest, std::uintptr_t address,
                          std::uint64_t size) {
  // Also beyond it: whoever is there has its address from before it was freed.
  if (!nearest.live) return FaultKind::kUseAfterFree;
  if (address < nearest.begin) return FaultKind::kHeapBufferUnderflow;
  const bool inside = address - nearest.begin <= nearest.size &&
                      size <= nearest.size - (address - nearest.begin);
  return inside ? FaultKind::kNone : FaultKind::kHeapBufferOverflow;
}

}  // namespace memoir
