#pragma once

// Bytes in, bytes out, in a circle of fixed capacity.
//
//   | ..... | unread bytes | ..... |      or      | unread | ........ | unread |
//           read          write                          write     read
//
// Writes and reads take as much as there is room or data for, and say how much that was.
// Capacity 0 is legal: always full and empty. Not movable: views stay good as long as it
// lives.
//
// Complexity: O(bytes), at most two memcpys.
// Thread safety: one thread at a time; handing over is said with hand_over(). For two see
// spsc_byte_ring.
// Errors: std::bad_alloc and std::bad_array_new_length of the constructor.
// Findings: dropped_data (a write did not take all, and nobody looked at how much),
// pool_overflow, unsynchronized_use
// Design: RingBuffer of the FASTQ parser's `buffer` module (Rust), byte for byte.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <span>

#include "memoir/detail/checked_outcome.h"
#include "memoir/detail/event_tally.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/detail/watched_storage.h"
#include "memoir/site.h"

MEMOIR_BEGIN

// How many bytes a write took; converts to std::size_t.
using written_bytes = detail::checked_outcome<std::size_t>;

class byte_ring {
 public:
  // Of so many bytes, all zero. `upstream` lives as long as the ring.
  explicit byte_ring(
      std::size_t capacity,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : storage_{"byte_ring", capacity, 1, upstream, where, detail::block_content::kept} {
    if (capacity != 0) std::memset(storage_.data(), 0, capacity);
  }
  byte_ring(const byte_ring&) = delete;
  byte_ring& operator=(const byte_ring&) = delete;
  ~byte_ring() {
    for (detail::event_tally* tally : {&written_, &read_out_, &consumed_}) {
      tally->flush(storage_.watch());
    }
  }

  // As much as fits.
  written_bytes write(std::span<const std::byte> from, site where = site::current()) {
    owner_.used("byte_ring", this, where);
    const std::size_t bytes = std::min(from.size(), free_space());
    const std::size_t first = std::min(bytes, capacity() - write_);
    copy(storage_.data() + write_, from.data(), first);
    copy(storage_.data(), from.data() + first, bytes - first);
    advance_write(bytes);
    written_.add(storage_.watch(), bytes);
    return {bytes, bytes == from.size(), "byte_ring", where};
  }

  // As much as there is. How much that was.
  std::size_t read(std::span<std::byte> to, site where = site::current()) {
    const std::size_t bytes = peek(to, where);
    advance_read(bytes);
    read_out_.add(storage_.watch(), bytes);
    return bytes;
  }
  // The same bytes, which stay unread.
  std::size_t peek(std::span<std::byte> to, site where = site::current()) const {
    owner_.used("byte_ring", this, where);
    const std::size_t bytes = std::min(to.size(), size_);
    const std::size_t first = std::min(bytes, capacity() - read_);
    copy(to.data(), storage_.data() + read_, first);
    copy(to.data() + first, storage_.data(), bytes - first);
    return bytes;
  }

  // Without copying: all unread bytes, in order, and how many of them are done with (at
  // most all). Good until the next write or read.
  std::array<std::span<const std::byte>, 2> readable() const noexcept {
    const std::size_t first = std::min(size_, capacity() - read_);
    return {std::span<const std::byte>{storage_.data() + read_, first},
            std::span<const std::byte>{storage_.data(), size_ - first}};
  }
  std::size_t consume(std::size_t bytes, site where = site::current()) {
    owner_.used("byte_ring", this, where);
    bytes = std::min(bytes, size_);
    advance_read(bytes);
    consumed_.add(storage_.watch(), bytes);
    return bytes;
  }
  // And all that is free, in order, and how much of it was filled.
  std::array<std::span<std::byte>, 2> writable() noexcept {
    const std::size_t free = free_space();
    const std::size_t first = std::min(free, capacity() - write_);
    return {std::span<std::byte>{storage_.data() + write_, first},
            std::span<std::byte>{storage_.data(), free - first}};
  }
  std::size_t commit(std::size_t bytes, site where = site::current()) {
    owner_.used("byte_ring", this, where);
    bytes = std::min(bytes, free_space());
    advance_write(bytes);
    written_.add(storage_.watch(), bytes);
    return bytes;
  }

  std::size_t available() const noexcept { return size_; }  // to read
  std::size_t free_space() const noexcept { return capacity() - size_; }
  std::size_t remaining() const noexcept { return free_space(); }  // to write
  std::size_t capacity() const noexcept { return storage_.size(); }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return free_space() == 0; }
  // All is read.
  void clear(site where = site::current()) noexcept {
    owner_.used("byte_ring", this, where);
    storage_.watch().tell(detail::pool_event::clear, where, nullptr, size_);
    read_ = write_ = size_ = 0;
  }
  // Another thread uses it from here on. By the one that did.
  void hand_over() noexcept { owner_.hand_over(); }

  // Looks at the redzones around it. How many findings there were.
  std::size_t verify(site where = site::current()) {
    return storage_.watch().verify(where);
  }

 private:
  static void copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  void advance_write(std::size_t bytes) noexcept {
    size_ += bytes;
    write_ += bytes;
    if (write_ >= capacity()) write_ -= capacity();
  }
  void advance_read(std::size_t bytes) noexcept {
    size_ -= bytes;
    read_ += bytes;
    if (read_ >= capacity()) read_ -= capacity();
  }

  detail::watched_storage storage_;
  [[no_unique_address]] detail::thread_owner owner_;
  [[no_unique_address]] detail::event_tally written_{detail::pool_event::write};
  [[no_unique_address]] detail::event_tally read_out_{detail::pool_event::read};
  [[no_unique_address]] detail::event_tally consumed_{detail::pool_event::consume};
  std::size_t read_ = 0;
  std::size_t write_ = 0;
  std::size_t size_ = 0;
};

MEMOIR_END
