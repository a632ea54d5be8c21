#pragma once

// A batch of records: pushed until it is full, then taken all at once. Its memory is made
// once: drain_into() changes places with the taker's vector. Not movable.
//
// Complexity: try_push() O(1); drain_into() O(1), O(records) from another upstream.
// Thread safety: one thread at a time; handing over is said with hand_over().
// Errors: std::bad_alloc of the constructor, drain(), and drain_into() where the taker's
// vector has no room; try_push() leaves the record with the caller where there is none.
// Findings: dropped_data (a record was not taken, and nobody looked), unsynchronized_use
// Design: RecordBuffer of the FASTQ parser's `buffer` module (Rust), which drops the
// record, and allocates anew for each batch.

#include <cstddef>
#include <iterator>
#include <memory_resource>
#include <span>
#include <utility>
#include <vector>

#include "memoir/detail/checked_outcome.h"
#include "memoir/detail/event_tally.h"
#include "memoir/detail/pool_watch.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/site.h"

MEMOIR_BEGIN

// Whether the record was taken; converts to bool.
using push_outcome = detail::checked_outcome<bool>;

template <class Record>
class record_buffer {
 public:
  using vector_type = std::pmr::vector<Record>;

  // Of so many records. `upstream` lives as long as the buffer and the vectors that took
  // its memory.
  explicit record_buffer(
      std::size_t capacity,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : watch_{"record_buffer", detail::watch_style::pool, where},
        capacity_{capacity},
        records_{upstream} {
    const site_scope scope{where};
    records_.reserve(capacity);
  }
  record_buffer(const record_buffer&) = delete;
  record_buffer& operator=(const record_buffer&) = delete;
  ~record_buffer() { pushed_.flush(watch_); }

  // Moves from the record only where it takes it.
  push_outcome try_push(Record&& record, site where = site::current()) {
    owner_.used("record_buffer", this, where);
    const bool room = !is_full();
    if (room) {
      records_.push_back(std::move(record));
      pushed_.add(watch_, sizeof(Record));
    }
    return {room, room, "record_buffer", where};
  }
  push_outcome try_push(const Record& record, site where = site::current()) {
    owner_.used("record_buffer", this, where);
    const bool room = !is_full();
    if (room) {
      records_.push_back(record);
      pushed_.add(watch_, sizeof(Record));
    }
    return {room, room, "record_buffer", where};
  }

  // Takes all records, and the memory of `batch` in return: without allocating where that
  // has the capacity, and the same upstream.
  void drain_into(vector_type& batch, site where = site::current()) {
    owner_.used("record_buffer", this, where);
    watch_.tell(detail::pool_event::drain, where, nullptr, bytes(), size());
    const site_scope scope{where};
    batch.clear();
    if (batch.get_allocator() == records_.get_allocator()) {
      batch.swap(records_);
      records_.reserve(capacity_);
    } else {
      batch.assign(std::make_move_iterator(records_.begin()),
                   std::make_move_iterator(records_.end()));
      records_.clear();
    }
  }
  // The same, into a new vector.
  [[nodiscard]] vector_type drain(site where = site::current()) {
    vector_type batch{records_.get_allocator()};
    const site_scope scope{where};
    batch.reserve(capacity_);
    drain_into(batch, where);
    return batch;
  }

  // Drops all records; the memory stays.
  void clear(site where = site::current()) noexcept {
    owner_.used("record_buffer", this, where);
    watch_.tell(detail::pool_event::clear, where, nullptr, bytes(), size());
    records_.clear();
  }
  bool is_full() const noexcept { return records_.size() >= capacity_; }
  bool empty() const noexcept { return records_.empty(); }
  std::size_t size() const noexcept { return records_.size(); }
  std::size_t capacity() const noexcept { return capacity_; }
  // Good until the next drain() or clear().
  std::span<const Record> records() const noexcept { return records_; }
  auto begin() const noexcept { return records_.begin(); }
  auto end() const noexcept { return records_.end(); }
  // Another thread uses it from here on.
  void hand_over() noexcept { owner_.hand_over(); }

 private:
  std::size_t bytes() const noexcept { return size() * sizeof(Record); }

  [[no_unique_address]] detail::pool_watch watch_;
  [[no_unique_address]] detail::event_tally pushed_{detail::pool_event::push};
  [[no_unique_address]] detail::thread_owner owner_;
  std::size_t capacity_;
  vector_type records_;
};

MEMOIR_END
