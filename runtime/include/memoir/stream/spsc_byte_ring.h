#pragma once

// byte_ring between two threads: one writes, the other reads, neither ever waits.
//
// Complexity: O(bytes), at most two memcpys, no locks; each side looks at the other's
// progress only when its own view of it is used up.
// Thread safety: write() and free_space() from one producer, read() and available() from
// one consumer.
// Errors: std::bad_alloc and std::bad_array_new_length of the constructor.
// Findings: dropped_data (a write did not take all, and nobody looked at how much),
// unsynchronized_use (a second producer or consumer)
// Design: RingBuffer of the FASTQ parser's `buffer` module (Rust), for concurrent use.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <span>

#include "memoir/detail/event_tally.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/detail/watched_storage.h"
#include "memoir/site.h"
#include "memoir/stream/byte_ring.h"

MEMOIR_BEGIN

class spsc_byte_ring {
 public:
  // Of so many bytes. `upstream` lives as long as the ring.
  explicit spsc_byte_ring(
      std::size_t capacity,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : storage_{"spsc_byte_ring", capacity, 1,
                 upstream,         where,    detail::block_content::kept} {
    if (capacity != 0) std::memset(storage_.data(), 0, capacity);
  }
  ~spsc_byte_ring() {
    producer_.moved.flush(storage_.watch());
    consumer_.moved.flush(storage_.watch());
  }

  // The producer: as much as fits.
  written_bytes write(std::span<const std::byte> from, site where = site::current()) {
    producer_.owner.used("spsc_byte_ring (producer)", this, where);
    const std::size_t done = producer_.done.load(std::memory_order_relaxed);
    if (capacity() - (done - producer_.other) < from.size()) {
      producer_.other = consumer_.done.load(std::memory_order_acquire);
    }
    const std::size_t bytes =
        std::min(from.size(), capacity() - (done - producer_.other));
    const std::size_t first = std::min(bytes, capacity() - producer_.place);
    copy(storage_.data() + producer_.place, from.data(), first);
    copy(storage_.data(), from.data() + first, bytes - first);
    producer_.advance(bytes, capacity());
    producer_.done.store(done + bytes, std::memory_order_release);
    producer_.moved.add(storage_.watch(), bytes);
    return {bytes, bytes == from.size(), "spsc_byte_ring", where};
  }

  // The consumer: as much as there is.
  std::size_t read(std::span<std::byte> to, site where = site::current()) {
    consumer_.owner.used("spsc_byte_ring (consumer)", &consumer_, where);
    const std::size_t done = consumer_.done.load(std::memory_order_relaxed);
    if (consumer_.other - done < to.size()) {
      consumer_.other = producer_.done.load(std::memory_order_acquire);
    }
    const std::size_t bytes = std::min(to.size(), consumer_.other - done);
    const std::size_t first = std::min(bytes, capacity() - consumer_.place);
    copy(to.data(), storage_.data() + consumer_.place, first);
    copy(to.data() + first, storage_.data(), bytes - first);
    consumer_.advance(bytes, capacity());
    consumer_.done.store(done + bytes, std::memory_order_release);
    consumer_.moved.add(storage_.watch(), bytes);
    return bytes;
  }

  // To read, and to write; at least so much for the side that asks for its own.
  std::size_t available() const noexcept {
    const std::size_t read = consumer_.done.load(std::memory_order_acquire);
    return std::min(producer_.done.load(std::memory_order_acquire) - read, capacity());
  }
  std::size_t free_space() const noexcept { return capacity() - available(); }
  std::size_t capacity() const noexcept { return storage_.size(); }

 private:
  // One side: all that it writes lies in a cache line of its own.
  struct alignas(64) side {
    std::atomic<std::size_t> done{0};  // bytes, from the beginning
    std::size_t other = 0;             // what the other side had done when last seen
    std::size_t place = 0;             // done modulo capacity
    [[no_unique_address]] detail::thread_owner owner;
    [[no_unique_address]] detail::event_tally moved;

    explicit side(detail::pool_event kind) : moved{kind} {}

    void advance(std::size_t bytes, std::size_t capacity) noexcept {
      place += bytes;
      if (place >= capacity) place -= capacity;
    }
  };
  static void copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    if (bytes != 0) std::memcpy(to, from, bytes);
  }

  detail::watched_storage storage_;
  side producer_{detail::pool_event::write};
  side consumer_{detail::pool_event::read};
};

MEMOIR_END
