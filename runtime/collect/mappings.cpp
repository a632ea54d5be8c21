#include "collect/mappings.h"

#include <algorithm>
#include <vector>

namespace memoir {
namespace {

// Where the range ends; a hostile size does not wrap around.
std::uint64_t end_of(std::uint64_t address, std::uint64_t size) {
  return address + std::min(size, ~std::uint64_t{0} - address);
}

// mmap and munmap count in whole pages; a break may end anywhere.
std::uint64_t page_end(std::uint64_t address) {
  constexpr std::uint64_t kPage = 4096;
  return address > ~std::uint64_t{0} - kPage ? address
                                             : (address + kPage - 1) & ~(kPage - 1);
}

}  // namespace

void Mappings::map(std::uint64_t address, std::uint64_t size, std::uint32_t site,
                   std::uint64_t t) {
  const std::uint64_t end = end_of(address, size);
  if (address >= end) return;
  unmap(address, size);
  const std::uint64_t mapping = ++last_mapping_;
  pieces_[address] = {end, site, mapping};
  piece_count_[mapping] = 1;
  aggregates_.mapping_made(site, end - address, t);
}

void Mappings::unmap(std::uint64_t address, std::uint64_t size) {
  const std::uint64_t end = page_end(end_of(address, size));
  auto piece = pieces_.upper_bound(address);
  if (piece != pieces_.begin() && std::prev(piece)->second.end > address) --piece;
  while (piece != pieces_.end() && piece->first < end) {
    const auto next = std::next(piece);
    cut(piece, std::max(address, piece->first), std::min(end, piece->second.end));
    piece = next;
  }
}

// Takes [begin, end) out of a piece that contains it.
void Mappings::cut(std::map<std::uint64_t, Piece>::iterator piece, std::uint64_t begin,
                   std::uint64_t end) {
  const std::uint64_t first = piece->first;
  const Piece old = piece->second;
  std::uint32_t& pieces = piece_count_[old.mapping];
  pieces_.erase(piece);
  --pieces;
  if (first < begin) {
    pieces_[first] = {begin, old.site, old.mapping};
    ++pieces;
  }
  if (end < old.end) {
    pieces_[end] = {old.end, old.site, old.mapping};
    ++pieces;
  }
  const bool whole = pieces == 0;
  if (whole) piece_count_.erase(old.mapping);
  aggregates_.mapping_shrunk(old.site, end - begin, whole);
}

}  // namespace memoir
