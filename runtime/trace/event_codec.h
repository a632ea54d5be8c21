#pragma once

// The event stream of one process as it lies in a trace: chunks of up to 65,536 events,
// each column for itself, delta and varint coded, then compressed with zstd. A chunk can
// be decoded alone. See docs/trace_schema.md for the bytes.
//
// Thread safety: functions of their arguments; no state between calls.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/allocation_api.h"

namespace memoir {

// Values are part of the format on disk: never change the ones that exist.
enum class TraceEventKind : std::uint8_t {
  kAlloc = 1,
  kFree = 2,
  kRealloc = 3,  // frees old_address and allocates address, one event
  kMap = 4,
  kUnmap = 5,
  kRemap = 6,  // unmaps [old_address, old_address + old_size), maps [address, + size)
  // Of pools, whose number is `old_size`; they make and free no block of the heap's.
  kPoolAlloc = 7,
  kPoolFree = 8,
  kPoolReset = 9,
};

// The name people know the function by, from base/allocation_api.inc ("malloc", "operator
// new[]", "mmap"); "unknown" for a value that is not in the list, as a damaged trace may
// hold.
std::string_view api_name(std::uint8_t api);

// "alloc", "free", "realloc", "map", "unmap", "remap", "pool_alloc", "pool_free",
// "pool_reset" or "unknown".
std::string_view event_kind_name(std::uint8_t kind);

struct TraceEvent {
  std::uint64_t t = 0;            // nanoseconds since the trace began
  std::uint64_t address = 0;      // the block; of a free: the block that is freed
  std::uint64_t old_address = 0;  // realloc, remap: the block before; 0 otherwise
  std::uint64_t size = 0;         // bytes asked for; of a free: 0, of an unmap: its bytes
  std::uint64_t old_size = 0;     // remap; of a pool its number
  std::uint32_t stack = 0;        // TraceStackId; 0 where the event has none (free)
  std::uint32_t thread = 0;       // TraceThreadId
  TraceEventKind kind = TraceEventKind::kAlloc;
  Api api = Api::kUnknown;
  std::uint8_t alignment_log2 = 0;  // 0 where none was asked for

  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

constexpr bool is_of_pool(TraceEventKind kind) {
  return kind >= TraceEventKind::kPoolAlloc && kind <= TraceEventKind::kPoolReset;
}

inline constexpr std::size_t kChunkEvents = 65536;
inline constexpr int kCodecZstdColumns = 3;  // the value of chunk.codec

// Packs events one by one, at most kChunkEvents of them. Times are cut as cut_times()
// does it; everything else comes back as it was. Events need not be in time order (late
// ones are a little back).
class ChunkEncoder {
 public:
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  ChunkEncoder();
  ~ChunkEncoder();
  ChunkEncoder(const ChunkEncoder&) = delete;
  ChunkEncoder& operator=(const ChunkEncoder&) = delete;

  // `back`: of an event that frees or moves a block: how many events that make a block
  // came between the one that made it and this one, in this chunk and those before it; or
  // kUnknown.
  void add(const TraceEvent& event, std::uint64_t back = kUnknown);

  std::size_t size() const;
  // The smallest and the largest time.
  std::uint64_t t0() const;
  std::uint64_t t1() const;

  // The chunk, valid until the next add(), which begins another one.
  std::span<const std::uint8_t> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A whole chunk at once.
std::vector<std::uint8_t> encode_chunk(std::span<const TraceEvent> events);

// What a chunk keeps of the times of its events: they count from the first in ticks, some
// thousand of which make up the chunk.
void cut_times(std::span<TraceEvent> events);

// Decodes what encode_chunk() made. Distrusts every byte. Throws Error when the bytes are
// not a chunk, or not one of `expected` events.
std::vector<TraceEvent> decode_chunk(std::span<const std::uint8_t> bytes,
                                     std::size_t expected);
// The same into a vector whose memory is used again.
void decode_chunk(std::span<const std::uint8_t> bytes, std::size_t expected,
                  std::vector<TraceEvent>& events);

}  // namespace memoir
