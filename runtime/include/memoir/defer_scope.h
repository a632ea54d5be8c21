#pragma once

// What is to be done at the end of a scope, in reverse order: for cleanups that belong to
// no object.
//
//   defer_scope scope;
//   scope.defer([&] { close(file); });
//   auto work = allocate_deferred<int>(memory, scope, 100);   // freed with the scope
//
// All actions run, also after one has thrown. Small ones (up to 64 bytes) are kept
// without an allocation of their own.
//
// Complexity: O(1) for each action.
// Thread safety: one thread at a time.
// Errors: run() throws the exception of the action that threw, or deferred_errors where
// there were more; the destructor reports them. defer() throws std::invalid_argument for
// an empty function, std::logic_error after run(), and std::bad_alloc.
// Findings: bad_deleter (an action threw in the destructor), use_after_dispose
// Design: ZiggyAlloc's DeferScope and DeferExtensions.

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory_resource>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "memoir/allocator.h"
#include "memoir/buffer/buffer_ref.h"
#include "memoir/detail/common_watch.h"
#include "memoir/detail/small_function.h"

MEMOIR_BEGIN

// Several actions of a scope threw; in the order in which they ran.
class deferred_errors : public std::runtime_error {
 public:
  explicit deferred_errors(std::vector<std::exception_ptr> errors)
      : std::runtime_error("several deferred actions failed"),
        errors_{std::move(errors)} {}
  const std::vector<std::exception_ptr>& errors() const noexcept { return errors_; }

 private:
  std::vector<std::exception_ptr> errors_;
};

class [[nodiscard]] defer_scope {
 public:
  explicit defer_scope(
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
      : actions_{upstream} {}
  // Not to be copied or moved: actions refer to what is around it.
  defer_scope(const defer_scope&) = delete;
  defer_scope& operator=(const defer_scope&) = delete;
  ~defer_scope() {
    run_all([](const std::exception_ptr& error, site where) {
      detail::report(finding::bad_deleter, "defer_scope", where, text_of(error));
    });
  }

  static defer_scope start() { return defer_scope{}; }

  // Runs when the scope ends, before all that were deferred earlier.
  template <std::invocable<> Action>
  void defer(Action&& action, site where = site::current()) {
    if constexpr (requires { action == nullptr; }) {
      if (action == nullptr) {
        throw std::invalid_argument("defer_scope::defer: no function");
      }
    }
    if (done_) {
      detail::report(finding::use_after_dispose, "defer_scope", where,
                     "the scope has run before");
      throw std::logic_error("defer_scope::defer: the scope has run before");
    }
    actions_.push_back({function{std::forward<Action>(action)}, where});
    detail::scope_watch().tell(detail::pool_event::defer_push, where, this);
  }

  // Actions that are still to run.
  std::size_t count() const noexcept { return actions_.size(); }

  // Runs all actions now, newest first, and throws what they threw. Once more: nothing.
  void run() {
    done_ = true;
    std::vector<std::exception_ptr> errors;
    run_all([&](const std::exception_ptr& error, site) { errors.push_back(error); });
    if (errors.size() == 1) std::rethrow_exception(errors.front());
    if (!errors.empty()) throw deferred_errors{std::move(errors)};
  }
  void dispose() { run(); }

 private:
  using function = records::small_function<64>;
  struct deferred {
    function action;
    [[no_unique_address]] site where;
  };

  template <class OnError>
  void run_all(OnError on_error) {
    while (!actions_.empty()) {
      deferred last = std::move(actions_.back());
      actions_.pop_back();
      detail::scope_watch().tell(detail::pool_event::defer_run, last.where, this);
      try {
        const site_scope scope{last.where};
        last.action();
      } catch (...) {
        on_error(std::current_exception(), last.where);
      }
    }
  }

  static const char* text_of(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& known) {
      return known.what();  // lives as long as `error`
    } catch (...) {
      return "a deferred action threw";
    }
  }

  std::pmr::vector<deferred> actions_;
  bool done_ = false;
};

// Elements that are given back when the scope ends.
template <unmanaged T, std::integral Count>
[[nodiscard]] buffer_ref<T> allocate_deferred(allocator& memory, defer_scope& scope,
                                              Count count, zero content = zero::no,
                                              site where = site::current()) {
  buffer<T> owner = memory.allocate<T>(count, content, where);
  const buffer_ref<T> elements{owner.data(), owner.size()};
  scope.defer([kept = std::move(owner)]() mutable { kept.dispose(site::of_thread()); },
              where);
  return elements;
}
// One element.
template <unmanaged T>
[[nodiscard]] buffer_ref<T> allocate_deferred(allocator& memory, defer_scope& scope,
                                              zero content = zero::no,
                                              site where = site::current()) {
  return allocate_deferred<T>(memory, scope, 1, content, where);
}

MEMOIR_END
