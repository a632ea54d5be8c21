#pragma once

// A callable without arguments that may only be moved, kept within the object where it is
// small: up to Bytes, and not throwing when it moves. Otherwise on the heap.

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace memoir::records {

template <std::size_t Bytes>
class small_function {
 public:
  template <class Callable>
  static constexpr bool fits = sizeof(Callable) <= Bytes &&
                               alignof(Callable) <= alignof(std::max_align_t) &&
                               std::is_nothrow_move_constructible_v<Callable>;

  template <class Callable>
  requires(!std::is_same_v<std::decay_t<Callable>,
                           small_function>) explicit small_function(Callable&& callable) {
    using kept = std::decay_t<Callable>;
    if constexpr (fits<kept>) {
      new (room_) kept(std::forward<Callable>(callable));
      actions_ = &actions_of<kept>;
    } else {
      using boxed = box<kept>;
      new (room_) boxed{std::make_unique<kept>(std::forward<Callable>(callable))};
      actions_ = &actions_of<boxed>;
    }
  }
  small_function(small_function&& other) noexcept : actions_{other.actions_} {
    if (actions_ != nullptr) actions_->move(other.room_, room_);
    other.actions_ = nullptr;
  }
  small_function& operator=(small_function&& other) noexcept {
    if (this != &other) {
      this->~small_function();
      new (this) small_function(std::move(other));
    }
    return *this;
  }
  ~small_function() {
    if (actions_ != nullptr) actions_->destroy(room_);
  }

  // Not of what was moved from.
  void operator()() { actions_->call(room_); }

 private:
  template <class Callable>
  struct box {
    std::unique_ptr<Callable> callable;
    void operator()() { (*callable)(); }
  };
  struct actions {
    void (*call)(void* callable);
    void (*move)(void* from, void* to) noexcept;  // and ends the old one
    void (*destroy)(void* callable) noexcept;
  };
  template <class Callable>
  static constexpr actions actions_of{
      [](void* callable) { (*static_cast<Callable*>(callable))(); },
      [](void* from, void* to) noexcept {
        new (to) Callable(std::move(*static_cast<Callable*>(from)));
        static_cast<Callable*>(from)->~Callable();
      },
      [](void* callable) noexcept { static_cast<Callable*>(callable)->~Callable(); }};

  alignas(std::max_align_t) std::byte room_[Bytes];
  const actions* actions_ = nullptr;
};

}  // namespace memoir::records
