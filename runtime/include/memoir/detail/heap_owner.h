#pragma once

// Control blocks of buffers that have memory of their own: from operator new, or from a
// resource that the program brings along (pinned memory, memory of a device). One for
// all buffers of a type from operator new; one for each buffer from anywhere else.

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <new>
#include <stdexcept>
#include <type_traits>

#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/common_watch.h"
#include "memoir/detail/element_checks.h"
#include "memoir/resource.h"

MEMOIR_BEGIN
namespace detail {

// An object with static storage that is never destroyed.
template <class T>
union immortal {
  constexpr immortal() : value{} {}
  constexpr ~immortal() {}
  T value;
};

template <class T>
class heap_owner final : public block_owner {
 public:
  constexpr heap_owner() noexcept = default;

  // `count` elements, default-initialized, or nothing and no memory where `count` is 0.
  // `upstream`: null for operator new. Throws bad_alloc, what upstream throws, or what a
  // constructor throws, leaving nothing behind; invalid_argument for objects on a device.
  static buffer_handle make(std::size_t count, std::pmr::memory_resource* upstream,
                            memory_location location, site where);

  void take_back(void* block, std::size_t bytes, block_number number,
                 site where) noexcept override;
  void let_go(void*, block_number, bool, site) noexcept override {
    if (upstream_ != nullptr) release();
  }
  const pool_watch& watch() const noexcept override { return heap_watch(); }

 private:
  // Memory of a device has no redzones.
  struct room {
    std::size_t before;
    std::size_t bytes;
  };
  static constexpr bool kTrivial =
      std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>;
  static constexpr std::size_t kAlignment = alignof(T);

  heap_owner(std::pmr::memory_resource* upstream, memory_location location)
      : block_owner{location}, upstream_{upstream} {}

  bool touches() const { return is_host_accessible(location()); }
  room room_for(std::size_t bytes) const {
    if (!touches()) return {0, bytes};
    const std::size_t before = pool_watch::space_before(kAlignment);
    return {before, before + bytes + pool_watch::space_after()};
  }
  void* allocate(std::size_t bytes, site where);
  void deallocate(void* memory, std::size_t bytes, site where) noexcept;
  buffer_handle construct(std::size_t count, site where);

  std::pmr::memory_resource* upstream_ = nullptr;
};

template <class T>
inline constinit immortal<heap_owner<T>> common_heap_owner;

template <class T>
void* heap_owner<T>::allocate(std::size_t bytes, site where) {
  if (upstream_ != nullptr) return allocate_from(*upstream_, bytes, kAlignment, where);
  if constexpr (kAlignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    return ::operator new (bytes, std::align_val_t{kAlignment});
  } else {
    return ::operator new(bytes);
  }
}

template <class T>
void heap_owner<T>::deallocate(void* memory, std::size_t bytes, site where) noexcept {
  if (upstream_ != nullptr) {
    deallocate_to(*upstream_, memory, bytes, kAlignment, where);
  } else if constexpr (kAlignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    ::operator delete (memory, std::align_val_t{kAlignment});
  } else {
    ::operator delete(memory);
  }
}

template <class T>
buffer_handle heap_owner<T>::construct(std::size_t count, site where) {
  const std::size_t bytes = count * sizeof(T);
  const room space = room_for(bytes);
  auto* memory = static_cast<std::byte*>(allocate(space.bytes, where));
  std::byte* block = memory + space.before;
  block_number number;
  if constexpr (is_tracking) {
    number = heap_watch().allocated(
        block, bytes, space.before, space.bytes - space.before - bytes, kAlignment, where,
        touches() ? block_content::uninitialized : block_content::untouched);
  }
  if constexpr (!std::is_trivially_default_constructible_v<T>) {
    try {
      std::uninitialized_default_construct_n(reinterpret_cast<T*>(block), count);
    } catch (...) {
      if constexpr (is_tracking) heap_watch().released(block, number, where);
      deallocate(memory, space.bytes, where);
      throw;
    }
  }
  return {block, bytes, *this, number};
}

template <class T>
buffer_handle heap_owner<T>::make(std::size_t count, std::pmr::memory_resource* upstream,
                                  memory_location location, site where) {
  bytes_of(count, sizeof(T), "unique_buffer", where);
  if (!is_host_accessible(location) && !kTrivial) {
    report(finding::wrong_location, "unique_buffer", where,
           "objects cannot be constructed on a device");
    throw std::invalid_argument("unique_buffer: objects on a device");
  }
  if (count == 0) return {};
  if (upstream == nullptr && location == memory_location::host) {
    return common_heap_owner<T>.value.construct(count, where);
  }
  if (upstream == nullptr) upstream = std::pmr::new_delete_resource();
  owner_ref<heap_owner> owner{new heap_owner{upstream, location}};
  buffer_handle handle = owner->construct(count, where);
  owner->retain();  // for the block
  return handle;
}

template <class T>
void heap_owner<T>::take_back(void* block, std::size_t bytes, block_number number,
                              site where) noexcept {
  if constexpr (is_tracking) {
    // Objects are destroyed before their memory is filled; but only once.
    if constexpr (!std::is_trivially_destructible_v<T>) {
      if (heap_watch().is_live(block, number)) {
        std::destroy_n(static_cast<T*>(block), bytes / sizeof(T));
      }
    }
    if (!heap_watch().released(block, number, where)) {
      if (upstream_ != nullptr) release();
      return;
    }
  } else {
    std::destroy_n(static_cast<T*>(block), bytes / sizeof(T));
  }
  const room space = room_for(bytes);
  deallocate(static_cast<std::byte*>(block) - space.before, space.bytes, where);
  if (upstream_ != nullptr) release();
}

}  // namespace detail
MEMOIR_END
