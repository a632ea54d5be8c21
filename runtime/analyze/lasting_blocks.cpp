#include "analyze/lasting_blocks.h"

#include <string>

#include "trace/error.h"

namespace memoir {

std::size_t LastingBlocks::bytes() const {
  constexpr std::size_t kNodeBytes = 40;
  return pages_.size() * sizeof(Page) +
         (large_.size() + far_threads_.size()) * kNodeBytes;
}

std::uint32_t LastingBlocks::append(const Row& row) {
  if (row.address >> 48 != 0) throw Error("damaged events: an impossible address");
  const std::uint32_t number = size_;
  if (number % kPageRows == 0) {
    if (number >= kMostRows || bytes() + sizeof(Page) > most_bytes_) {
      throw Error(
          "too many blocks of this process live long: an index of them takes more"
          " than " +
          std::to_string(most_bytes_ >> 20) + " MiB of memory");
    }
    pages_.push_back(std::make_unique_for_overwrite<Page>());
  }
  Page& page = *pages_.back();
  page.free_seq[number % kPageRows] = row.free_seq;
  Packed& packed = page.rows[number % kPageRows];
  packed.stack = row.stack;
  packed.size = row.size < kLarge ? static_cast<std::uint32_t>(row.size) : kLarge;
  if (row.size >= kLarge) large_[number] = row.size;
  packed.address = static_cast<std::uint32_t>(row.address);
  packed.address_high = static_cast<std::uint16_t>(row.address >> 32);
  packed.thread =
      row.thread < kFarThread ? static_cast<std::uint16_t>(row.thread) : kFarThread;
  if (row.thread >= kFarThread) far_threads_[number] = row.thread;
  packed.position = row.position;
  packed.tick = row.tick;
  packed.free_tick = row.free_tick;
  packed.api = static_cast<std::uint8_t>(row.api);
  packed.temporary = row.temporary;
  ++size_;
  return number;
}

LastingBlocks::Row LastingBlocks::row(std::uint32_t number) const {
  const Packed& packed = this->packed(number);
  Row row;
  row.address = address(number);
  row.size = size_of(number);
  row.stack = packed.stack;
  row.thread = thread(number);
  row.position = packed.position;
  row.tick = packed.tick;
  row.free_seq = free_seq(number);
  row.free_tick = packed.free_tick;
  row.api = static_cast<Api>(packed.api);
  row.temporary = packed.temporary;
  return row;
}

}  // namespace memoir
