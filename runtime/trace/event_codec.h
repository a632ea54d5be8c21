#pragma once

// The event stream of one process as it lies in a trace: chunks of up to 65,536 events,
// each column for itself, delta and varint coded, then compressed with zstd. A chunk can
// be decoded alone. See docs/trace_schema.md for the bytes.
//
// Thread safety: functions of their arguments; no state between calls.

#include <cstddef>
#include <cstdint>
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
};

// The name people know the function by, from base/allocation_api.inc ("malloc", "operator
// new[]", "mmap"); "unknown" for a value that is not in the list, as a damaged trace may
// hold.
std::string_view api_name(std::uint8_t api);

// "alloc", "free", "realloc", "map", "unmap", "remap" or "unknown".
std::string_view event_kind_name(std::uint8_t kind);

struct TraceEvent {
  std::uint64_t t = 0;            // nanoseconds since the trace began
  std::uint64_t address = 0;      // the block; of a free: the block that is freed
  std::uint64_t old_address = 0;  // realloc, remap: the block before; 0 otherwise
  std::uint64_t size = 0;         // bytes asked for; of a free: 0, of an unmap: its bytes
  std::uint64_t old_size = 0;     // remap only
  std::uint32_t stack = 0;        // TraceStackId; 0 where the event has none (free)
  std::uint32_t thread = 0;       // TraceThreadId
  TraceEventKind kind = TraceEventKind::kAlloc;
  Api api = Api::kUnknown;
  std::uint8_t alignment_log2 = 0;  // 0 where none was asked for

  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

inline constexpr std::size_t kChunkEvents = 65536;
inline constexpr std::uint64_t kTickNs =
    256;                                     // resolution of TraceEvent::t inside a chunk
inline constexpr int kCodecZstdColumns = 1;  // the value of chunk.codec

// Encodes at most kChunkEvents events. Times are cut to ticks of kTickNs; everything else
// comes back as it was. Events need not be in time order (late ones are a little back).
std::vector<std::uint8_t> encode_chunk(std::span<const TraceEvent> events);

// Decodes what encode_chunk() made. Distrusts every byte. Throws Error when the bytes are
// not a chunk, or not one of `expected` events.
std::vector<TraceEvent> decode_chunk(std::span<const std::uint8_t> bytes,
                                     std::size_t expected);
// The same into a vector whose memory is used again.
void decode_chunk(std::span<const std::uint8_t> bytes, std::size_t expected,
                  std::vector<TraceEvent>& events);

}  // namespace memoir
