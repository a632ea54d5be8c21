#include "track/misuse_report.h"

#include "base/compiler.h"
#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/recording.h"

namespace memoir {
namespace {

FaultRecord release_fault(FaultKind kind, Api api, const void* block, StackNodeId stack) {
  FaultRecord record;
  record.kind = kind;
  record.access = FaultAccess::kFree;
  record.address = reinterpret_cast<std::uint64_t>(block);
  record.free_api = api;
  record.stack = stack;
  return record;
}

std::uint64_t claimed_of(FaultKind kind, std::uint64_t size, std::uint8_t log2) {
  if (kind == FaultKind::kSizeMismatch) return size;
  return log2 == kNoAlignment ? 0 : std::uint64_t{1} << log2;
}

void report_bad_request(FaultKind kind, Api api, std::uint64_t claimed,
                        const void* frame) {
  FaultRecord record;
  record.kind = kind;
  record.alloc_api = api;
  record.claimed = claimed;
  record.stack = walk_stack(frame);
  report_fault(record, frame);
}

}  // namespace

MEMOIR_SLOW_PATH void refuse_free(const Place& place, Api api, const void* block,
                                  const void* frame) {
  const FaultKind kind =
      place.is == AddressIs::kInside ? FaultKind::kInvalidFree : FaultKind::kDoubleFree;
  FaultRecord record = release_fault(kind, api, block, walk_stack(frame));
  const BlockView view = checked_heap().view(place);
  if (kind == FaultKind::kDoubleFree) {
    record.claimed = static_cast<std::uint64_t>(view.free_api);
  }
  describe_block(record, view);
  report_fault(record, frame);
}

MEMOIR_SLOW_PATH void report_mismatch(FaultKind kind, const BlockView& view,
                                      const Release& release, StackNodeId stack,
                                      const void* frame) {
  FaultRecord record = release_fault(kind, release.api, release.block, stack);
  record.claimed = claimed_of(kind, release.size, release.alignment_log2);
  describe_block(record, view);
  record.free_api = release.api;
  report_fault(record, frame);
}

void report_bad_size(Api api, std::size_t size, const void* frame) {
  report_bad_request(FaultKind::kBadSize, api, size, frame);
}

void report_bad_alignment(Api api, std::size_t alignment, const void* frame) {
  report_bad_request(FaultKind::kBadAlignment, api, alignment, frame);
}

}  // namespace memoir
