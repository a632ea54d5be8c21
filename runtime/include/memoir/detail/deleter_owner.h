#pragma once

// Control blocks of memory that the program brought along, with a deleter: any callable
// that takes a T*. Those without state need no memory of their own.

#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "memoir/detail/heap_owner.h"

MEMOIR_BEGIN
namespace detail {

// Whether there is nothing to be called: a null pointer to a function, an empty
// std::function.
template <class Deleter>
bool is_missing(const Deleter& deleter) noexcept {
  if constexpr (requires { static_cast<bool>(deleter == nullptr); }) {
    return deleter == nullptr;
  } else {
    return false;
  }
}

// Calls it. What it throws is caught and reported, and so is its absence (bad_deleter).
template <class T, class Deleter>
void call_deleter(Deleter& deleter, T* memory, site where) noexcept {
  if (is_missing(deleter)) {
    heap_watch().report(finding::bad_deleter, where,
                        "there is no deleter: the memory is not freed", memory);
    return;
  }
  try {
    deleter(memory);
  } catch (const std::exception& thrown) {
    if constexpr (is_tracking) {
      char text[160];
      std::snprintf(text, sizeof text, "the deleter threw: %s", thrown.what());
      heap_watch().report(finding::bad_deleter, where, text, memory);
    }
  } catch (...) {
    heap_watch().report(finding::bad_deleter, where, "the deleter threw", memory);
  }
}

template <class T, class Deleter>
class deleter_owner final : public block_owner {
 public:
  // One that is there for all of its type and location.
  static constexpr bool kShared =
      std::is_empty_v<Deleter> && std::is_trivially_default_constructible_v<Deleter>;

  constexpr explicit deleter_owner(memory_location location) noexcept requires kShared
      : block_owner{location},
        deleter_{} {}
  deleter_owner(Deleter deleter, memory_location location)
      : block_owner{location}, deleter_{std::move(deleter)} {}

  void take_back(void* block, std::size_t, block_number number,
                 site where) noexcept override {
    // Two owners of the same memory: the other one deletes it.
    const bool last = heap_watch_released(block, number, where);
    if (last) call_deleter(deleter_, static_cast<T*>(block), where);
    if constexpr (!kShared) release();
  }
  void let_go(void* block, block_number number, bool detached,
              site where) noexcept override {
    if (detached) heap_watch_released(block, number, where);
    if constexpr (!kShared) release();
  }
  const pool_watch& watch() const noexcept override { return heap_watch(); }

 private:
  static bool heap_watch_released(void* block, block_number number, site where) {
    if constexpr (is_tracking) return heap_watch().released(block, number, where);
    return true;
  }

  [[no_unique_address]] Deleter deleter_;
};

template <class T, class Deleter, memory_location Location>
union immortal_deleter {
  constexpr immortal_deleter() : value{Location} {}
  constexpr ~immortal_deleter() {}
  deleter_owner<T, Deleter> value;
};
template <class T, class Deleter, memory_location Location>
inline constinit immortal_deleter<T, Deleter, Location> common_deleter_owner;

template <class T, class Deleter>
block_owner& make_deleter_owner(Deleter& deleter, memory_location location) {
  if constexpr (deleter_owner<T, Deleter>::kShared) {
    switch (location) {
      case memory_location::host:
        break;
      case memory_location::host_pinned:
        return common_deleter_owner<T, Deleter, memory_location::host_pinned>.value;
      case memory_location::device:
        return common_deleter_owner<T, Deleter, memory_location::device>.value;
      case memory_location::unified:
        return common_deleter_owner<T, Deleter, memory_location::unified>.value;
    }
    return common_deleter_owner<T, Deleter, memory_location::host>.value;
  } else {
    return *new deleter_owner<T, Deleter>{std::move(deleter), location};
  }
}

// Takes over memory of `count` elements, which the deleter frees. Memory without
// elements is taken over, too; null without elements is nothing. Where it throws, the
// deleter has been called, so that nothing is lost: std::invalid_argument for null with
// elements (bad_size), std::bad_array_new_length (size_overflow), std::bad_alloc.
template <class T, class Deleter>
detached_block adopt_memory(T* memory, std::size_t count, Deleter deleter,
                            memory_location location, const char* type, site where) {
  if (memory == nullptr) {
    if (count == 0) return {};
    report(finding::bad_size, type, where, "elements without memory", nullptr, count);
    throw std::invalid_argument("a buffer of elements without memory");
  }
  if constexpr (std::is_same_v<Deleter, std::default_delete<T>>) {
    // Not std::default_delete<T[]>: that calls delete[].
    if (count > 1) {
      report(finding::alloc_dealloc_mismatch, type, where,
             "std::default_delete<T> frees one object, not an array", memory, count);
    }
  }
  try {
    const std::size_t bytes = bytes_of(count, sizeof(T), type, where);
    detached_block block{memory, bytes, &make_deleter_owner<T>(deleter, location), {}};
    if constexpr (is_tracking) {
      block.number = heap_watch().allocated(memory, bytes, 0, 0, alignof(T), where,
                                            block_content::untouched);
      heap_watch().tell(pool_event::adopt, where, memory, bytes);
    }
    return block;
  } catch (...) {
    call_deleter(deleter, memory, where);
    throw;
  }
}

}  // namespace detail
MEMOIR_END
