#pragma once

// What the encoder and the decoder of a chunk share. docs/trace_schema.md has the
// grammar.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "trace/event_codec.h"

// Names are short here, and stay in this namespace.
namespace memoir::chunk {

// Events that agree in all of this share a shape. A chunk lists its shapes once, and each
// event names one by number: usually one byte that compresses to almost nothing.
struct Shape {
  std::uint8_t kind = 0;
  std::uint8_t api = 0;
  std::uint8_t alignment_log2 = 0;
  std::uint8_t fields = 0;
  std::uint32_t thread = 0;

  std::uint64_t key() const {
    return std::uint64_t{thread} << 32 | std::uint32_t{kind} << 24 |
           std::uint32_t{api} << 16 | std::uint32_t{alignment_log2} << 8 | fields;
  }
};

// Shape::fields: which columns the event has an entry in, and how addresses are said.
enum Field : std::uint8_t {
  kHasSize = 1,
  kHasStack = 2,
  kHasOldSize = 4,
  kHasOld = 8,           // old_address is not 0
  kOldInChunk = 16,      // old_address was allocated in this chunk
  kAddressInChunk = 32,  // of a free or unmap: address was allocated in this chunk
  kAligned = 64,         // the address is a multiple of 16; its delta counts sixteens
  kOldAligned = 128,
};

// A column of low bytes stands before the one of what is above them: bytes that mean the
// same thing lie together, and each column compresses for itself.
enum Column {
  kShape,
  kTime,
  kStack,
  kReuse,
  kSize,
  kSizeHigh,
  kAddress,
  kAddressHigh,
  kFreed,
  kFreedHigh,
  kBack,
  kBackHigh,
  kColumns
};

// What the deltas of a thread count from. New blocks and freed blocks apart: each has its
// own locality.
struct ThreadContext {
  std::uint64_t address = 0;  // where the last new block that reused nothing ends
  std::uint64_t freed = 0;
  std::uint32_t stack = 0;
};

// A chunk of few stacks lists them and names each with a byte.
inline constexpr std::size_t kMostListed = 256;

inline constexpr std::size_t kMaxVarint = 10;

// Times between `t0` and `t1` count in units of 2^this ns from t0: the clock is what
// decides the size of a trace.
inline unsigned tick_log2(std::uint64_t t0, std::uint64_t t1) {
  constexpr unsigned kTickBits = 13;
  const auto bits = static_cast<unsigned>(std::bit_width(t1 - t0));
  return bits > kTickBits ? bits - kTickBits : 0;
}

inline bool makes_block(std::uint8_t kind) {
  const auto k = static_cast<TraceEventKind>(kind);
  return k != TraceEventKind::kFree && k != TraceEventKind::kUnmap && !is_of_pool(k);
}

inline std::uint64_t zigzag(std::uint64_t v) { return v << 1 ^ (0 - (v >> 63)); }
inline std::uint64_t unzigzag(std::uint64_t v) { return v >> 1 ^ (0 - (v & 1)); }

}  // namespace memoir::chunk
