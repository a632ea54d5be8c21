#pragma once

// The blocks that outlived the chunk they were made in, 28 bytes for each, by the
// event that made it: what is needed to know which of them were live at any moment. Most
// blocks die young and are not here.
//
//   pages of 4,096 rows: when they were freed | all else;  a row is named by its number
//
// Thread safety: as any container.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/allocation_api.h"
#include "base/compiler.h"

namespace memoir {

class LastingBlocks {
 public:
  static constexpr std::uint32_t kNever = ~std::uint32_t{0};
  static constexpr std::size_t kPageRows = 4096;
  static constexpr std::uint32_t kMostRows = 1U << 31;

  struct Row {
    std::uint64_t address = 0, size = 0;
    std::uint32_t stack = 0, thread = 0;
    std::uint16_t position = 0;  // of the event that made it, in its chunk
    std::uint16_t tick = 0;      // its time in that chunk
    std::uint32_t free_seq = kNever;
    std::uint16_t free_tick = 0;  // in the chunk of the free
    Api api = Api::kUnknown;
    bool temporary = false;
  };

  // Throws Error where memory would become more than `most_bytes`.
  explicit LastingBlocks(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  std::uint32_t size() const { return size_; }
  std::size_t bytes() const;

  // Its number.
  std::uint32_t append(const Row& row);
  void set_freed(std::uint32_t number, std::uint32_t seq, std::uint16_t tick,
                 bool temporary) {
    pages_[number / kPageRows]->free_seq[number % kPageRows] = seq;
    Packed& row = packed(number);
    row.free_tick = tick;
    row.temporary = temporary;
  }
  // Fetches what set_freed() will touch.
  MEMOIR_FAST_PATH void prefetch(std::uint32_t number) const {
    __builtin_prefetch(&pages_[number / kPageRows]->free_seq[number % kPageRows], 1);
    __builtin_prefetch(&packed(number), 1);
  }

  Row row(std::uint32_t number) const;
  std::uint32_t stack(std::uint32_t number) const { return packed(number).stack; }
  std::uint64_t size_of(std::uint32_t number) const {
    const std::uint32_t size = packed(number).size;
    return size != kLarge ? size : large_.at(number);
  }
  std::uint32_t thread(std::uint32_t number) const {
    const std::uint16_t thread = packed(number).thread;
    return thread != kFarThread ? thread : far_threads_.at(number);
  }
  std::uint64_t address(std::uint32_t number) const {
    const Packed& row = packed(number);
    return std::uint64_t{row.address_high} << 32 | row.address;
  }
  std::uint32_t free_seq(std::uint32_t number) const {
    return pages_[number / kPageRows]->free_seq[number % kPageRows];
  }
  std::uint16_t position(std::uint32_t number) const { return packed(number).position; }
  bool is_temporary(std::uint32_t number) const { return packed(number).temporary; }

  // Calls visit(number) for the rows [first, end) that were freed by an event with a
  // number in [from, to).
  template <typename Visit>
  void for_each_freed(std::uint32_t first, std::uint32_t end, std::uint32_t from,
                      std::uint32_t to, Visit visit) const {
    for (std::uint32_t begin = first; begin < end;) {
      const Page& page = *pages_[begin / kPageRows];
      const auto page_end = static_cast<std::uint32_t>(
          std::min<std::size_t>(end, (begin / kPageRows + 1) * kPageRows));
      for (std::uint32_t n = begin; n < page_end; ++n) {
        if (page.free_seq[n % kPageRows] - from < to - from) visit(n);
      }
      begin = page_end;
    }
  }
  // The same for the rows [first, end) that were freed by event number `seq` or later, or
  // never.
  template <typename Visit>
  void for_each_live(std::uint32_t first, std::uint32_t end, std::uint32_t seq,
                     Visit visit) const {
    for (std::uint32_t begin = first; begin < end;) {
      const Page& page = *pages_[begin / kPageRows];
      const auto page_end = static_cast<std::uint32_t>(
          std::min<std::size_t>(end, (begin / kPageRows + 1) * kPageRows));
      for (std::uint32_t n = begin; n < page_end; ++n) {
        if (page.free_seq[n % kPageRows] >= seq) visit(n);
      }
      begin = page_end;
    }
  }

 private:
  // Stand for figures that do not fit, which are kept apart.
  static constexpr std::uint32_t kLarge = ~std::uint32_t{0};
  static constexpr std::uint16_t kFarThread = 0xffff;

  struct Packed {
    std::uint32_t stack, size;
    std::uint32_t address;  // its lower half
    std::uint16_t address_high, thread, position, tick, free_tick;
    std::uint8_t api;
    bool temporary;
  };
  static_assert(sizeof(Packed) == 24);
  struct Page {
    std::uint32_t free_seq[kPageRows];
    Packed rows[kPageRows];
  };

  Packed& packed(std::uint32_t number) {
    return pages_[number / kPageRows]->rows[number % kPageRows];
  }
  const Packed& packed(std::uint32_t number) const {
    return pages_[number / kPageRows]->rows[number % kPageRows];
  }

  std::size_t most_bytes_;
  std::uint32_t size_ = 0;
  std::vector<std::unique_ptr<Page>> pages_;
  std::unordered_map<std::uint32_t, std::uint64_t> large_;
  std::unordered_map<std::uint32_t, std::uint32_t> far_threads_;
};

}  // namespace memoir
