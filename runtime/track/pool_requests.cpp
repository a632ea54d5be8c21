#include "track/pool_requests.h"

#include <string.h>

#include <atomic>
#include <string_view>

#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/recording.h"
#include "track/recording_pause.h"
#include "track/session_texts.h"

namespace memoir {
namespace {

// A forked child goes on counting, so that what it inherited keeps its number.
constinit std::atomic<std::uint32_t> g_pools{0};

void record_of_pool(EventKind kind, std::uint32_t pool, std::uint64_t bytes,
                    std::uint64_t address, Stack stack, const void* frame) {
  if (!is_recording()) return;
  Event event;
  event.kind = kind;
  event.address = address;
  event.size = pool_word(pool, bytes);
  record(event, stack, frame);
}

std::uint64_t to_word(const void* address) {
  return reinterpret_cast<std::uint64_t>(address);
}

// FaultRecord::pool_text, put together.
class PoolText {
 public:
  void add(const char* part) {
    // Each has its share, so that a long one does not cost the others theirs.
    constexpr std::size_t kShare = sizeof text_ / kPoolTextParts - 1;
    for (std::size_t i = 0; part != nullptr && i < kShare && part[i] != '\0'; ++i) {
      text_[length_++] = part[i];
    }
    text_[length_++] = '\0';
  }
  std::string_view view() const { return {text_, length_}; }

 private:
  char text_[kPoolTextParts * 256];
  std::size_t length_ = 0;
};

// The kinds that are the heap's, too, keep its numbers.
FaultKind kind_of(std::uint32_t finding) {
  enum Same : std::uint32_t {
    kF02 = 2,
    kF04 = 4,
    kF06 = 6,
    kF12 = 12,
    kF17 = 17,
    kF35 = 35,
    kLast = 36,
  };
  constexpr std::uint32_t kFirstOfPools = 32;
  switch (finding) {
    case kF02:
      return FaultKind::kDoubleFree;
    case kF04:
      return FaultKind::kInvalidFree;
    case kF06:
      return FaultKind::kUseAfterFree;
    case kF12:
      return FaultKind::kAllocDeallocMismatch;
    case kF17:
      return FaultKind::kBadSize;
    case kF35:
      return FaultKind::kUninitializedUse;
    default:
      break;
  }
  return finding == 0 || finding > kLast
             ? FaultKind::kNone
             : static_cast<FaultKind>(kFirstOfPools + finding);
}

// Whether the stack of such an event is recorded; by its number.
constexpr bool kWalks[] = {
    false,
#define MEMOIR_POOL_EVENT(name, upper, number, walks) (walks) != 0,
#include "memoir/pool_event.inc"
#undef MEMOIR_POOL_EVENT
};
static_assert(sizeof kWalks == MEMOIR_POOL_EVENT_KINDS, "numbers have gaps");

// The end of a path says more than its beginning.
const char* last_part(const char* path) {
  const std::size_t length = strlen(path);
  return length <= kMostText ? path : path + (length - kMostText);
}

}  // namespace

std::uint32_t create_pool(const char* kind, const char* name, std::uint32_t parent,
                          const void* frame) {
  if (!is_recording()) return 0;
  const std::uint32_t pool = g_pools.fetch_add(1, std::memory_order_relaxed) + 1;
  if (pool > kMostPools) return 0;
  Event event;
  event.kind = EventKind::kPoolCreate;
  // The kind's text has 32 bits of offset, which is less than pool_word() holds; all
  // texts are shorter than kMostText + 1.
  const TextRef text = kind == nullptr ? 0 : intern_text(kind);
  event.address = parent;
  event.alignment_log2 = static_cast<std::uint8_t>(text >> 32);
  event.size = pool_word(pool, text & 0xffffffff);
  record(event, Stack::kWalk, frame);
  if (name != nullptr) name_pool(pool, name, frame);
  return pool;
}

void name_pool(std::uint32_t pool, const char* name, const void* frame) {
  if (!is_recording() || name == nullptr) return;
  record_of_pool(EventKind::kPoolName, pool, 0, intern_text(name), Stack::kNone, frame);
}

void record_pool_alloc(std::uint32_t pool, const void* block, std::size_t size,
                       const void* frame) {
  if (is_paused()) return;
  record_of_pool(EventKind::kPoolAlloc, pool, size, to_word(block), Stack::kWalk, frame);
}

void record_pool_free(std::uint32_t pool, const void* block, const void* frame) {
  record_of_pool(EventKind::kPoolFree, pool, 0, to_word(block), Stack::kNone, frame);
}

void record_pool_reset(std::uint32_t pool, const void* frame) {
  record_of_pool(EventKind::kPoolReset, pool, 0, 0, Stack::kNone, frame);
}

void record_pool_destroy(std::uint32_t pool, const void* frame) {
  record_of_pool(EventKind::kPoolDestroy, pool, 0, 0, Stack::kNone, frame);
}

void record_pool_backing(std::uint32_t pool, const void* memory, const void* frame) {
  // What a pool got may lie inside a block, behind what somebody else needs of it.
  std::uint64_t block = to_word(memory);
  if (serves_blocks()) {
    const Place place = checked_heap().find(block);
    if (place.is != AddressIs::kForeign) block = checked_heap().view(place).begin;
  }
  record_of_pool(EventKind::kPoolBacking, pool, 0, block, Stack::kNone, frame);
}

void record_pool_event(const memoir_pool_event& told, const void* frame) {
  if (told.kind >= MEMOIR_POOL_EVENT_KINDS || is_paused() || !is_recording()) return;
  const memoir_place& where = told.where;
  const bool has_place = where.file != nullptr && where.line != 0;
  const TextRef file = has_place ? find_text(last_part(where.file)) : 0;
  const TextRef detail = told.detail != nullptr ? find_text(told.detail) : 0;
  Event event;
  event.kind = EventKind::kPoolEvent;
  event.api = static_cast<Api>(told.kind);
  event.address = to_word(told.block);
  event.size = pool_word(told.pool, told.size);
  event.more_time = told.amount;
  event.more_address = text_word(file, where.line);
  event.more_size = text_word(detail, told.count == 0 ? 1 : told.count);
  record(event, kWalks[told.kind] ? Stack::kWalk : Stack::kNone, frame);
}

void report_pool_fault(const memoir_pool_fault& fault, const void* frame) {
  FaultRecord record;
  record.kind = kind_of(fault.kind);
  if (record.kind == FaultKind::kNone || !is_recording()) return;
  record.flags = fault.late != 0 ? kFaultFoundLate : 0;
  record.address = to_word(fault.address);
  record.size = fault.size;
  if (fault.block != nullptr) {
    record.place = MemoryPlace::kBlock;
    record.block = to_word(fault.block);
    record.block_size = fault.block_size;
    record.block_number = fault.block_number;
    record.block_is_live = fault.released.line == 0 ? 1 : 0;
  }
  record.stack = walk_stack(frame);
  record.pool = fault.pool;
  record.where_line = fault.where.line;
  record.alloc_line = fault.allocated.line;
  record.free_line = fault.released.line;
  PoolText text;
  text.add(fault.text);
  text.add(fault.pool_kind);
  text.add(fault.pool_name);
  for (const memoir_place* place : {&fault.where, &fault.allocated, &fault.released}) {
    text.add(place->file);
    text.add(place->function);
  }
  report_fault(record, frame, text.view());
}

}  // namespace memoir
