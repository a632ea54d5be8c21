#pragma once

// Lines out of a stream of bytes, without copying each of them.
//
//   memoir::line_buffer lines{64 * 1024};
//   for (bool more = true; more;) {
//     more = !lines.fill(reader).value().eof;
//     while (auto line = lines.read_line()) use(line->text());
//   }
//   if (auto line = lines.finish()) use(line->text());  // the last, without a newline
//
//   | read already | unread bytes | free |
//   0           begin            end     capacity
//
// fill() moves the unread bytes to the front and reads once behind them. Lines point into
// the buffer: they are good until the next fill(). A line that is longer than the buffer
// cannot be completed, unless the buffer may grow (growth_limit).
//
// Complexity: O(bytes), each looked at once; a fill moves what is unread.
// Thread safety: one thread at a time; handing over is said with hand_over().
// Errors: fill() fails with errc::stuck where a line does not fit, and errc::io where
// the reader does, or says that it filled more than it was given; std::bad_alloc where it
// is made or grows; std::logic_error for the text of a line after the next fill().
// Findings: stale_handle (a line after the next fill()), stuck_fill, dropped_data (bytes
// at the end of the input that nobody asked for with finish()), out_of_bounds
// (consume(), or a reader that says so), pool_overflow (by a reader), unsynchronized_use
// Design: LineBuffer of the FASTQ parser's `buffer` module (Rust), which takes a line
// that is too long for the end of the input, and loses the last line.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

#include "memoir/detail/event_tally.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/detail/watched_storage.h"
#include "memoir/result.h"
#include "memoir/site.h"
#include "memoir/stream/readers.h"

MEMOIR_BEGIN

class line_buffer;

// A line in a line_buffer, which must still live. Copyable.
class buffered_line {
 public:
  // Its characters, without the newline.
  std::string_view text(site where = site::current()) const;
  std::size_t size() const noexcept { return text_.size(); }
  bool empty() const noexcept { return text_.empty(); }
  operator std::string_view() const { return text(site::of_thread()); }

 private:
  friend class line_buffer;
  buffered_line(std::string_view text, const line_buffer& of) noexcept;

  std::string_view text_;
  const line_buffer* buffer_;
  std::uint64_t fill_;
};

// What one fill() did.
struct fill_status {
  std::size_t bytes = 0;  // that were read
  bool eof = false;       // the input has ended
  bool full = false;      // there was no room to read anything: read lines first
};

struct line_buffer_options {
  bool strip_cr = false;         // lines end with "\r\n"
  std::size_t growth_limit = 0;  // it doubles up to here where a line does not fit
};

class line_buffer {
 public:
  // Of so many bytes. `upstream` lives as long as the buffer.
  explicit line_buffer(
      std::size_t capacity, const line_buffer_options& options = {},
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : storage_{"line_buffer", capacity, 1, upstream, where}, options_{options} {}
  ~line_buffer() {
    lines_.flush(storage_.watch());
    if (ended_ && begin_ != end_ && !finishing_) {
      storage_.watch().report(finding::dropped_data, site::of_thread(),
                              "the last line has no newline, and was not asked for with "
                              "finish()",
                              storage_.data() + begin_, end_ - begin_);
    }
  }

  // Reads once, as much as there is room for. Fails with stuck, where the buffer is full
  // and holds no whole line, and io. `eof` also where the input ended before.
  template <byte_reader Reader>
  result<fill_status> fill(Reader&& reader, site where = site::current()) {
    owner_.used("line_buffer", this, where);
    const std::size_t moved = begin_ == 0 ? 0 : end_ - begin_;
    compact();
    if (end_ == capacity() && !make_room(where)) return errc::stuck;
    if (end_ == capacity()) return fill_status{0, ended_, true};
    const std::ptrdiff_t bytes =
        reader(std::span<std::byte>{storage_.data() + end_, capacity() - end_});
    const bool whole = storage_.is_whole(where);
    if (bytes < 0) return errc::io;
    if (static_cast<std::size_t>(bytes) > capacity() - end_) [[unlikely]] {
      if (whole) {  // otherwise it did, and was reported
        storage_.watch().report(finding::out_of_bounds, where,
                                "the reader says that it filled more than it was given",
                                storage_.data() + end_, static_cast<std::size_t>(bytes));
      }
      return errc::io;
    }
    ended_ = bytes == 0;
    end_ += static_cast<std::size_t>(bytes);
    storage_.watch().tell(detail::pool_event::fill, where, storage_.data(),
                          static_cast<std::size_t>(bytes), moved);
    return fill_status{static_cast<std::size_t>(bytes), ended_, false};
  }

  // The next line without its newline; none where there is no whole one.
  std::optional<buffered_line> read_line(site where = site::current()) {
    owner_.used("line_buffer", this, where);
    if (end_ == looked_) return std::nullopt;
    const auto* newline = static_cast<const std::byte*>(
        std::memchr(storage_.data() + looked_, '\n', end_ - looked_));
    if (newline == nullptr) {
      looked_ = end_;
      return std::nullopt;
    }
    const auto at = static_cast<std::size_t>(newline - storage_.data());
    const std::string_view text = characters(begin_, at);
    begin_ = looked_ = at + 1;
    lines_.add(storage_.watch(), text.size());
    return buffered_line{text, *this};
  }

  // What is left at the end of the input, as the last line; none where nothing is.
  std::optional<buffered_line> finish(site where = site::current()) {
    owner_.used("line_buffer", this, where);
    if (auto line = read_line(where)) return line;
    finishing_ = true;
    if (begin_ == end_) return std::nullopt;
    const std::string_view text = characters(begin_, end_);
    begin_ = looked_ = end_;
    return buffered_line{text, *this};
  }

  // So many unread bytes are done with, at most all; how many. Asking for more is
  // reported as out_of_bounds.
  std::size_t consume(std::size_t bytes, site where = site::current()) {
    owner_.used("line_buffer", this, where);
    if (bytes > end_ - begin_) {
      storage_.watch().report(finding::out_of_bounds, where,
                              "more is consumed than is there", storage_.data() + begin_,
                              bytes);
      bytes = end_ - begin_;
    }
    begin_ += bytes;
    looked_ = std::max(looked_, begin_);
    storage_.watch().tell(detail::pool_event::consume, where, nullptr, bytes);
    return bytes;
  }

  // The unread bytes; good until the next fill().
  std::span<const std::byte> remaining() const noexcept {
    return {storage_.data() + begin_, end_ - begin_};
  }
  // In bytes; larger once it grew.
  std::size_t capacity() const noexcept { return storage_.size(); }
  // Whether the reader has said that the input ended.
  bool eof() const noexcept { return ended_; }
  // Another thread uses it from here on.
  void hand_over() noexcept { owner_.hand_over(); }

 private:
  friend class buffered_line;

  std::string_view characters(std::size_t begin, std::size_t end) const {
    const auto* text = reinterpret_cast<const char*>(storage_.data());
    if (options_.strip_cr && end > begin && text[end - 1] == '\r') --end;
    return {text + begin, end - begin};
  }

  // Lines that were handed out end here.
  void compact() {
    ++fills_;
    if (begin_ == 0) return;
    const std::size_t unread = end_ - begin_;
    if (unread != 0) std::memmove(storage_.data(), storage_.data() + begin_, unread);
    looked_ -= begin_;
    begin_ = 0;
    end_ = unread;
  }

  // The buffer is full. False: it holds no whole line, and cannot grow.
  bool make_room(site where) {
    if (looked_ < end_ &&
        std::memchr(storage_.data() + looked_, '\n', end_ - looked_) != nullptr) {
      return true;
    }
    const std::size_t larger =
        std::min(std::max<std::size_t>(capacity(), 32) * 2, options_.growth_limit);
    if (larger <= capacity()) {
      storage_.watch().report(finding::stuck_fill, where,
                              "a line is longer than the buffer", storage_.data(),
                              capacity());
      return false;
    }
    storage_.watch().tell(detail::pool_event::grow, where, nullptr, larger, capacity());
    storage_.replace(larger, where, [this](std::byte* to) {
      if (end_ != 0) std::memcpy(to, storage_.data(), end_);
    });
    return true;
  }

  detail::watched_storage storage_;
  [[no_unique_address]] detail::thread_owner owner_;
  [[no_unique_address]] detail::event_tally lines_{detail::pool_event::read};
  line_buffer_options options_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t looked_ = 0;  // there is no newline between begin and here
  std::uint64_t fills_ = 0;
  bool ended_ = false;
  bool finishing_ = false;
};

inline buffered_line::buffered_line(std::string_view text, const line_buffer& of) noexcept
    : text_{text}, buffer_{&of}, fill_{of.fills_} {}

inline std::string_view buffered_line::text(site where) const {
  if (fill_ != buffer_->fills_) {
    buffer_->storage_.watch().report(finding::stale_handle, where,
                                     "fill() was called since the line was read",
                                     text_.data(), text_.size());
    throw std::logic_error("buffered_line: fill() was called since");
  }
  return text_;
}

MEMOIR_END
