#include "base/nearby_memory.h"

#include "base/careful_read.h"
#include "base/pages.h"

namespace memoir {

void copy_nearby_memory(std::uint64_t address, NearbyMemory& copy) {
  constexpr std::uint64_t kBefore = 32;
  constexpr std::uint64_t kRow = 16;
  copy.count = 0;
  const std::uint64_t at = address & ~(kRow - 1);
  std::uint64_t begin = at > kBefore ? at - kBefore : at;
  std::uint64_t end = begin + kMostNearbyBytes;
  if (read_carefully(begin, copy.bytes, kMostNearbyBytes) != CarefulRead::kRead) {
    // A page of it is not accessible: the part on the other side of its edge is shown.
    const std::uint64_t edge = round_up(begin + 1, kPageSize);
    if (edge >= end) return;
    if (read_carefully(begin, copy.bytes, edge - begin) == CarefulRead::kRead) {
      end = edge;
    } else if (read_carefully(edge, copy.bytes, end - edge) == CarefulRead::kRead) {
      begin = edge;
    } else {
      return;
    }
  }
  copy.begin = begin;
  copy.count = static_cast<std::uint32_t>(end - begin);
}

}  // namespace memoir
