#include "analyze/mapped_pieces.h"

#include <algorithm>
#include <map>

namespace memoir {
namespace {

class Pieces {
 public:
  void map(const MappingEvent& mapping) {
    const TraceEvent& event = mapping.event;
    const std::uint64_t end = end_of(event.address, event.size);
    if (event.address >= end) return;
    unmap(event.address, event.size);
    pieces_[event.address] = {event.address, end,          mapping.seq, event.t,
                              event.stack,   event.thread, event.api};
  }

  void unmap(std::uint64_t address, std::uint64_t size) {
    const std::uint64_t end = page_end(end_of(address, size));
    auto piece = pieces_.upper_bound(address);
    if (piece != pieces_.begin() && std::prev(piece)->second.end > address) --piece;
    while (piece != pieces_.end() && piece->first < end) {
      const MappedPiece old = piece->second;
      piece = pieces_.erase(piece);
      if (old.begin < address) {
        MappedPiece left = old;
        left.end = address;
        pieces_[left.begin] = left;
      }
      if (old.end > end) {
        MappedPiece right = old;
        right.begin = end;
        piece = std::next(pieces_.insert_or_assign(end, right).first);
      }
    }
  }

  std::vector<MappedPiece> take() const {
    std::vector<MappedPiece> all;
    all.reserve(pieces_.size());
    for (const auto& [begin, piece] : pieces_) all.push_back(piece);
    return all;
  }

 private:
  // A hostile size does not wrap around.
  static std::uint64_t end_of(std::uint64_t address, std::uint64_t size) {
    return address + std::min(size, ~std::uint64_t{0} - address);
  }
  // munmap counts in whole pages; a break may end anywhere.
  static std::uint64_t page_end(std::uint64_t address) {
    constexpr std::uint64_t kPage = 4096;
    return address > ~std::uint64_t{0} - kPage ? address
                                               : (address + kPage - 1) & ~(kPage - 1);
  }

  std::map<std::uint64_t, MappedPiece> pieces_;  // by begin
};

}  // namespace

std::vector<MappedPiece> mapped_at(const EventIndex::View& index, std::uint64_t moment) {
  Pieces pieces;
  for (const MappingEvent& mapping : index->mappings) {
    if (mapping.seq >= moment) break;
    const TraceEvent& event = mapping.event;
    if (event.kind == TraceEventKind::kUnmap) {
      pieces.unmap(event.address, event.size);
    } else {
      if (event.kind == TraceEventKind::kRemap) {
        pieces.unmap(event.old_address, event.old_size);
      }
      pieces.map(mapping);
    }
  }
  return pieces.take();
}

}  // namespace memoir
