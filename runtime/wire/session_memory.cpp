#include "wire/session_memory.h"

#include <bit>
#include <cstring>

#include "base/pages.h"

namespace memoir {

SessionLayout make_session_layout(std::uint32_t ring_count, std::uint32_t ring_slots,
                                  std::uint32_t node_capacity, std::uint32_t text_bytes) {
  SessionLayout layout;
  layout.ring_count = ring_count;
  layout.ring_slots = std::bit_ceil(ring_slots);
  // A bucket a node: those of a node's children lie near its own number, so that buckets
  // are touched as nodes are made, from the first on.
  layout.bucket_count = std::bit_ceil(node_capacity);
  layout.node_capacity = node_capacity;
  layout.text_bytes = text_bytes;

  std::uint64_t at = kPageSize;  // the header's page
  const auto take = [&at](std::uint64_t bytes) {
    const std::uint64_t offset = at;
    at = round_up(at + bytes, kPageSize);
    return offset;
  };
  layout.ring_headers = take(sizeof(RingHeader) * std::uint64_t{ring_count});
  layout.buckets = take(sizeof(std::uint32_t) * std::uint64_t{layout.bucket_count});
  layout.nodes = take(sizeof(StackNode) * std::uint64_t{node_capacity});
  layout.text = take(text_bytes);
  layout.rings = take(sizeof(EventSlot) * std::uint64_t{ring_count} * layout.ring_slots);
  layout.total_bytes = at;
  return layout;
}

bool is_valid_layout(const SessionLayout& layout, std::uint64_t mapped_bytes) {
  constexpr std::uint32_t kMostRings = 1u << 16;
  constexpr std::uint32_t kMostSlots = 1u << 24;
  constexpr std::uint32_t kMostNodes = 1u << 30;
  if (layout.ring_count == 0 || layout.ring_count > kMostRings) return false;
  if (layout.ring_slots < 2 || layout.ring_slots > kMostSlots) return false;
  if (layout.node_capacity < kFirstStackNode || layout.node_capacity > kMostNodes) {
    return false;
  }
  return layout.total_bytes <= mapped_bytes &&
         layout == make_session_layout(layout.ring_count, layout.ring_slots,
                                       layout.node_capacity, layout.text_bytes);
}

TextRef SessionMemory::add_text(const char* bytes, std::size_t length) const {
  if (length == 0 || length > layout_.text_bytes) return 0;
  std::atomic<std::uint32_t>& used = header().text_used;
  std::uint32_t offset = used.load(std::memory_order_relaxed);
  do {
    if (offset > layout_.text_bytes - length) return 0;
  } while (!used.compare_exchange_weak(
      offset, offset + static_cast<std::uint32_t>(length), std::memory_order_relaxed));
  memcpy(text() + offset, bytes, length);
  return offset | std::uint64_t{length} << 32;
}

}  // namespace memoir
