#pragma once

// Two batches: one is filled while the other is read.
//
//   producer                                   consumer
//   auto batch = buffers.begin_write();        while (auto batch = buffers.read_next())
//   batch.push(item); ...                        for (Item& item : batch.items()) ...
//   batch.publish();
//   buffers.close();
//
//         begin_write()      publish()       read_next()        end of session
//   free ------------> filling -------> ready -----------> being read --------> free
//
// Every published batch is delivered once, in order. publish() waits until the other
// half is free: the batch before was read, and its reader is gone. Whoever must not wait
// says try_publish(), or publish_latest(), which puts the new batch in place of one that
// nobody has begun to read; its items are counted as dropped. What was written beside a
// batch is found when it is published, when its reader is done, by verify(), and at the
// end.
//
// Complexity: O(1) but for clearing a batch; a lock for each session, none for each item.
// Thread safety: one writing and one reading session at a time, each on any thread.
// Errors: std::bad_alloc and std::bad_array_new_length of the constructor;
// std::length_error from push() beyond the capacity; std::logic_error for a second
// session of a kind, and for writing in one that is over.
// Findings: publish_overlap (a second session, or swap() during one), dropped_data (a
// batch that was filled is never published, or swapped away unread; an item is not
// taken, and nobody looked), capacity_exceeded (push()), size_overflow, pool_overflow,
// unsynchronized_use (a session on a second thread), stale_handle (a session that was
// published or moved from)
// Design: DoubleBuffer of the FASTQ parser's `buffer` module (Rust), whose swap() knew
// neither who was inside nor what was read.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "memoir/detail/checked_outcome.h"
#include "memoir/detail/event_tally.h"
#include "memoir/detail/fixed_batch.h"
#include "memoir/detail/pool_watch.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/result.h"
#include "memoir/site.h"

MEMOIR_BEGIN

// What has passed through a double_buffer.
struct double_buffer_stats {
  std::uint64_t published = 0;      // batches
  std::uint64_t read = 0;           // batches
  std::uint64_t overwritten = 0;    // batches that nobody read
  std::uint64_t dropped_items = 0;  // in them
  std::uint64_t writer_wait_ns = 0;
  std::uint64_t reader_wait_ns = 0;
};

template <class T>
class double_buffer {
 public:
  class writer;
  class reader;
  using pool_event = detail::pool_event;

  // Of batches of so many items. `upstream` lives as long as the buffer.
  explicit double_buffer(
      std::size_t capacity,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : watch_{"double_buffer", detail::watch_style::pool, where},
        capacity_{capacity},
        halves_{{{watch_, capacity, upstream, where}},
                {{watch_, capacity, upstream, where}}} {}
  ~double_buffer() { pushed_.flush(watch_); }
  double_buffer(const double_buffer&) = delete;
  double_buffer& operator=(const double_buffer&) = delete;

  // An empty batch to fill. Waits for nobody. Throws std::logic_error where one is being
  // filled already (publish_overlap).
  [[nodiscard]] writer begin_write(site where = site::current()) {
    {
      std::unique_lock lock{mutex_};
      if (writing_) overlap(lock, where, "a batch is being written already");
      writing_ = true;
    }
    halves_[write_].items.clear();
    return writer{*this};
  }

  // The next batch; waits for it. None when the buffer is closed and all is read. Throws
  // std::logic_error where one is being read already (publish_overlap).
  [[nodiscard]] std::optional<reader> read_next(site where = site::current()) {
    std::unique_lock lock{mutex_};
    refuse_second_reader(lock, where);
    wait(lock, stats_.reader_wait_ns, [&] { return ready_ || closed_; });
    return take(lock);
  }
  // The same, but waits at most so long. Fails with timeout, and with disposed when the
  // buffer is closed and all is read.
  template <class Rep, class Period>
  result<reader> read_next_for(std::chrono::duration<Rep, Period> longest,
                               site where = site::current()) {
    std::unique_lock lock{mutex_};
    refuse_second_reader(lock, where);
    if (!wait_for(lock, longest, [&] { return ready_ || closed_; })) return errc::timeout;
    if (auto session = take(lock)) return std::move(*session);
    return errc::disposed;
  }

  // As the original had it: the batch being filled is the one to read from now on, the
  // other one is filled. Nobody may be inside: reported as publish_overlap, and throws
  // std::logic_error. A batch that nobody has read is lost, reported as dropped_data.
  void swap(site where = site::current()) {
    std::unique_lock lock{mutex_};
    if (reading_ || writing_) {
      overlap(lock, where, "swapped while somebody reads or writes");
    }
    const auto& unread = halves_[1 - write_].items;
    const std::size_t lost = ready_ ? unread.size() : 0;
    if (ready_) count_overwritten();
    hand_on(where);
    lock.unlock();
    if (lost != 0) {
      watch_.report(finding::dropped_data, where, "a batch was swapped away unread",
                    unread.data(), lost);
    }
  }

  // No batch follows: readers get what is there, then none.
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    changed_.notify_all();
  }
  bool closed() const {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

  // Looks at the redzones around the batches. How many findings there were.
  std::size_t verify(site where = site::current()) { return watch_.verify(where); }
  std::size_t capacity() const noexcept { return capacity_; }
  double_buffer_stats stats() const {
    const std::lock_guard lock{mutex_};
    return stats_;
  }

 private:
  struct half {
    detail::fixed_batch<T> items;
    std::uint64_t sequence = 0;
  };

  [[noreturn]] void overlap(std::unique_lock<std::mutex>& lock, site where,
                            const char* text) {
    lock.unlock();
    watch_.report(finding::publish_overlap, where, text);
    throw std::logic_error(std::string("double_buffer: ") + text);
  }
  void refuse_second_reader(std::unique_lock<std::mutex>& lock, site where) {
    if (reading_) overlap(lock, where, "a batch is being read already");
  }

  template <class Ready>
  void wait(std::unique_lock<std::mutex>& lock, std::uint64_t& waited, Ready ready) {
    if (ready()) return;
    const auto begin = std::chrono::steady_clock::now();
    changed_.wait(lock, ready);
    const std::uint64_t took = since(begin);
    waited += took;
    watch_.tell(pool_event::wait, site::of_thread(), nullptr, 0, took,
                &waited == &stats_.writer_wait_ns ? "of the writer" : "of the reader");
  }
  template <class Rep, class Period, class Ready>
  bool wait_for(std::unique_lock<std::mutex>& lock,
                std::chrono::duration<Rep, Period> longest, Ready ready) {
    if (ready()) return true;
    const auto begin = std::chrono::steady_clock::now();
    const bool there = changed_.wait_for(lock, longest, ready);
    const std::uint64_t took = since(begin);
    stats_.reader_wait_ns += took;
    watch_.tell(pool_event::wait, site::of_thread(), nullptr, 0, took, "of the reader");
    return there;
  }
  static std::uint64_t since(std::chrono::steady_clock::time_point begin) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::steady_clock::now() - begin)
            .count());
  }

  // All with the lock held.
  bool other_half_is_free() const { return !ready_ && !reading_; }
  void count_overwritten() {
    ++stats_.overwritten;
    stats_.dropped_items += halves_[1 - write_].items.size();
  }
  void hand_on(site where) {
    const auto& items = halves_[write_].items;
    halves_[write_].sequence = ++stats_.published;
    watch_.tell(pool_event::publish, where, nullptr, items.size() * sizeof(T),
                stats_.published);
    write_ = 1 - write_;
    ready_ = true;
    changed_.notify_all();
  }
  std::optional<reader> take(const std::unique_lock<std::mutex>&) {
    if (!ready_) return std::nullopt;
    ready_ = false;
    reading_ = true;
    ++stats_.read;
    watch_.tell(pool_event::read, site::of_thread(), nullptr,
                halves_[1 - write_].items.size() * sizeof(T));
    return reader{*this, 1 - write_};
  }

  void end_read() noexcept {
    watch_.verify(site::of_thread());
    const std::lock_guard lock{mutex_};
    reading_ = false;
    changed_.notify_all();
  }
  void end_write() noexcept {
    const std::lock_guard lock{mutex_};
    writing_ = false;
  }

  [[no_unique_address]] detail::pool_watch watch_;
  // The writer's, who is one.
  [[no_unique_address]] detail::event_tally pushed_{pool_event::push};
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  half halves_[2];
  std::size_t write_ = 0;  // the half that is filled
  bool writing_ = false;
  bool reading_ = false;
  bool ready_ = false;  // the other half holds a batch that nobody has begun to read
  bool closed_ = false;
  double_buffer_stats stats_;
};

// A batch being filled. Move-only, by one thread at a time; what is not published when it
// ends is given up, and reported as dropped_data.
template <class T>
class double_buffer<T>::writer {
 public:
  writer(writer&& other) noexcept : buffer_{std::exchange(other.buffer_, nullptr)} {}
  writer& operator=(writer&&) = delete;
  ~writer() {
    if (buffer_ == nullptr) return;
    if (!items().empty()) {
      buffer_->watch_.report(finding::dropped_data, site::of_thread(),
                             "a batch was filled and never published", items().data(),
                             items().size());
    }
    buffer_->end_write();
  }

  // Throws std::length_error where the batch is full.
  void push(T item, site where = site::current()) {
    used(where);
    if (is_full()) [[unlikely]] {
      buffer_->watch_.report(finding::capacity_exceeded, where, "the batch is full",
                             items().data(), items().size());
      throw_error(errc::capacity_exceeded, "double_buffer::push");
    }
    add(std::move(item));
  }
  // Leaves the item with the caller where the batch is full.
  detail::checked_outcome<bool> try_push(T&& item, site where = site::current()) {
    used(where);
    const bool room = !is_full();
    if (room) add(std::move(item));
    return {room, room, "double_buffer::writer", where};
  }
  // Where the session is over, it is full, and empty.
  bool is_full() const noexcept { return buffer_ == nullptr || items().full(); }
  std::size_t size() const noexcept { return buffer_ == nullptr ? 0 : items().size(); }
  bool empty() const noexcept { return size() == 0; }
  // Gives up what was pushed.
  void clear(site where = site::current()) {
    used(where);
    buffer_->watch_.tell(pool_event::clear, where, nullptr, size() * sizeof(T), size());
    items().clear();
  }

  // Hands the batch on, and ends the session. Waits until the batch before was read. Its
  // number: 1, 2, 3...
  std::uint64_t publish(site where = site::current()) && {
    double_buffer& to = checked(where);
    std::unique_lock lock{to.mutex_};
    to.wait(lock, to.stats_.writer_wait_ns, [&] { return to.other_half_is_free(); });
    return done(to, where);
  }
  // Hands it on if that can be done at once; goes on otherwise.
  [[nodiscard]] bool try_publish(site where = site::current()) {
    double_buffer& to = checked(where);
    const std::lock_guard lock{to.mutex_};
    if (!to.other_half_is_free()) return false;
    done(to, where);
    return true;
  }
  // Hands it on in place of a batch that nobody has begun to read. Waits for a reader who
  // is inside.
  std::uint64_t publish_latest(site where = site::current()) && {
    double_buffer& to = checked(where);
    std::unique_lock lock{to.mutex_};
    to.wait(lock, to.stats_.writer_wait_ns, [&] { return !to.reading_; });
    if (to.ready_) to.count_overwritten();
    return done(to, where);
  }

 private:
  friend class double_buffer;
  explicit writer(double_buffer& buffer) noexcept : buffer_{&buffer} {}
  detail::fixed_batch<T>& items() const noexcept {
    return buffer_->halves_[buffer_->write_].items;
  }
  void add(T&& item) {
    items().push_back(std::move(item));
    buffer_->pushed_.add(buffer_->watch_, sizeof(T));
  }
  void used(site where) {
    if (buffer_ == nullptr) [[unlikely]] {
      detail::report(finding::stale_handle, "double_buffer::writer", where,
                     "it was published or moved from");
      throw std::logic_error("double_buffer::writer: it was published or moved from");
    }
    owner_.used("double_buffer::writer", this, where);
  }
  // Before the batch is handed on.
  double_buffer& checked(site where) {
    used(where);
    buffer_->watch_.verify(where);
    return *buffer_;
  }
  std::uint64_t done(double_buffer& to, site where) {
    to.hand_on(where);
    to.writing_ = false;
    buffer_ = nullptr;
    return to.stats_.published;
  }

  double_buffer* buffer_;
  [[no_unique_address]] detail::thread_owner owner_;
};

// A batch being read. Move-only; its half is free again when it ends.
template <class T>
class double_buffer<T>::reader {
 public:
  reader(reader&& other) noexcept
      : buffer_{std::exchange(other.buffer_, nullptr)}, half_{other.half_} {}
  reader& operator=(reader&&) = delete;
  ~reader() {
    if (buffer_ != nullptr) buffer_->end_read();
  }

  // Its items, which may be moved from. None where the session was: reported.
  std::span<T> items(site where = site::current()) const noexcept {
    if (buffer_ == nullptr) [[unlikely]] {
      detail::report(finding::stale_handle, "double_buffer::reader", where,
                     "it was moved from");
    }
    return all();
  }
  std::size_t size() const noexcept {
    return buffer_ == nullptr ? 0 : batch().items.size();
  }
  // Its number: 1, 2, 3...; what is missing was overwritten. 0: it was moved from.
  std::uint64_t sequence() const noexcept {
    return buffer_ == nullptr ? 0 : batch().sequence;
  }
  auto begin(site where = site::current()) const noexcept { return items(where).begin(); }
  auto end() const noexcept { return all().end(); }

 private:
  friend class double_buffer;
  reader(double_buffer& buffer, std::size_t half) noexcept
      : buffer_{&buffer}, half_{half} {}
  half& batch() const noexcept { return buffer_->halves_[half_]; }
  std::span<T> all() const noexcept {
    return buffer_ == nullptr ? std::span<T>{}
                              : std::span<T>{batch().items.data(), size()};
  }

  double_buffer* buffer_;
  std::size_t half_;
};

MEMOIR_END
