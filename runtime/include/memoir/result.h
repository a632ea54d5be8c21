#pragma once

// What a function that expects to fail now and then gives back: a value, or why there is
// none. (std::expected is not in C++20.) Every try_*() has a twin without the prefix that
// throws.
//
// Thread safety: as a value.
// Design: what std::expected is in C++23, with the errors of all five designs.

#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace memoir {

// Why there is no value.
enum class errc : std::uint8_t {
  invalid_size = 1,   // zero, or more than there can be
  size_overflow,      // count times size, or position plus size, does not fit
  pool_exhausted,     // as many blocks as there may be are handed out
  capacity_exceeded,  // more than a buffer that cannot grow has left
  out_of_memory,      // the upstream resource has none
  foreign_buffer,     // it belongs to another pool
  config,             // options that contradict each other
  timeout,            // waited as long as was asked for
  disposed,           // the object was closed before
  unsupported,        // this kind of allocator cannot
  stuck,              // the buffer is full and holds no whole item
  io,                 // the reader or writer said so; errno has it
};

// One sentence. Pure.
constexpr const char* message_of(errc error) noexcept {
  switch (error) {
    case errc::invalid_size:
      return "the size is zero or too large";
    case errc::size_overflow:
      return "the size does not fit into std::size_t";
    case errc::pool_exhausted:
      return "all blocks of the pool are in use";
    case errc::capacity_exceeded:
      return "the buffer has not that much room left and cannot grow";
    case errc::out_of_memory:
      return "there is no memory left";
    case errc::foreign_buffer:
      return "the buffer belongs to another pool";
    case errc::config:
      return "the options contradict each other";
    case errc::timeout:
      return "nothing was given back in time";
    case errc::disposed:
      return "it was disposed of before";
    case errc::unsupported:
      return "this allocator cannot do that";
    case errc::stuck:
      return "the buffer is full and holds no whole item";
    case errc::io:
      return "reading or writing failed";
  }
  return "unknown error";
}

// All blocks of a pool that does not grow are in use.
class pool_exhausted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws what the throwing twin of a function throws for this error: invalid_argument,
// length_error, pool_exhausted, bad_alloc, logic_error or runtime_error. `text` begins
// the message: the name of the function.
[[noreturn]] inline void throw_error(errc error, const char* text) {
  const auto message = [&] { return std::string(text) + ": " + message_of(error); };
  switch (error) {
    case errc::invalid_size:
    case errc::config:
    case errc::foreign_buffer:
      throw std::invalid_argument(message());
    case errc::size_overflow:
      throw std::bad_array_new_length();
    case errc::capacity_exceeded:
      throw std::length_error(message());
    case errc::pool_exhausted:
      throw pool_exhausted(message());
    case errc::out_of_memory:
      throw std::bad_alloc();
    case errc::disposed:
    case errc::unsupported:
      throw std::logic_error(message());
    case errc::timeout:
    case errc::stuck:
    case errc::io:
      break;
  }
  throw std::runtime_error(message());
}

// Thrown by result::value() where there is none.
class bad_result_access : public std::exception {
 public:
  explicit bad_result_access(errc error) noexcept : error_{error} {}
  const char* what() const noexcept override { return message_of(error_); }
  errc error() const noexcept { return error_; }

 private:
  errc error_;
};

// A T or an E. Spelled like std::expected; no thread safety of its own.
template <class T, class E = errc>
class [[nodiscard]] result {
 public:
  using value_type = T;
  using error_type = E;

  result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  result(E error) noexcept : state_{std::in_place_index<1>, error} {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // Throws bad_result_access where there is none.
  T& value() & { return checked(); }
  T&& value() && { return std::move(checked()); }
  const T& value() const& { return const_cast<result*>(this)->checked(); }

  // Without a check: only where there is a value.
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  // Only where there is no value.
  E error() const noexcept { return *std::get_if<1>(&state_); }

  // The value, or the other where there is none.
  template <class U>
  T value_or(U&& other) && {
    return has_value() ? std::move(**this) : static_cast<T>(std::forward<U>(other));
  }

 private:
  T& checked() {
    if (!has_value()) throw bad_result_access(error());
    return *std::get_if<0>(&state_);
  }

  std::variant<T, E> state_;
};

}  // namespace memoir
