#pragma once

// Where line_buffer and others get bytes from: anything that is called with a span to
// fill and answers how many bytes there are now: 0 at the end, negative where reading
// failed.
//
//   auto reader = [&](std::span<std::byte> to) { return file.read(to); };
//
// Thread safety: that of what is read.
// Design: the Read of Rust's standard library, on which the FASTQ parser builds.

#include <unistd.h>

#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <istream>
#include <span>

namespace memoir {

template <class R>
concept byte_reader = requires(R& reader, std::span<std::byte> to) {
  { reader(to) } -> std::convertible_to<std::ptrdiff_t>;
};

// A file descriptor, which stays the caller's. Goes on after EINTR; errno says why not.
class fd_reader {
 public:
  explicit fd_reader(int fd) noexcept : fd_{fd} {}
  std::ptrdiff_t operator()(std::span<std::byte> to) const {
    for (;;) {
      const ssize_t bytes = ::read(fd_, to.data(), to.size());
      if (bytes >= 0 || errno != EINTR) return bytes;
    }
  }

 private:
  int fd_;
};

// A stream, which must outlive it.
class istream_reader {
 public:
  explicit istream_reader(std::istream& stream) noexcept : stream_{&stream} {}
  std::ptrdiff_t operator()(std::span<std::byte> to) const {
    stream_->read(reinterpret_cast<char*>(to.data()),
                  static_cast<std::streamsize>(to.size()));
    return stream_->bad() ? -1 : static_cast<std::ptrdiff_t>(stream_->gcount());
  }

 private:
  std::istream* stream_;
};

// Bytes in memory, which must outlive it; at most `step` of them each time.
class span_reader {
 public:
  explicit span_reader(std::span<const std::byte> bytes,
                       std::size_t step = static_cast<std::size_t>(-1)) noexcept
      : left_{bytes}, step_{step} {}
  std::ptrdiff_t operator()(std::span<std::byte> to) {
    std::size_t bytes = to.size() < left_.size() ? to.size() : left_.size();
    if (step_ < bytes) bytes = step_;
    if (bytes != 0) std::memcpy(to.data(), left_.data(), bytes);
    left_ = left_.subspan(bytes);
    return static_cast<std::ptrdiff_t>(bytes);
  }

 private:
  std::span<const std::byte> left_;
  std::size_t step_;
};

}  // namespace memoir
