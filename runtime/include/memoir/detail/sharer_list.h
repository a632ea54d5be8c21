#pragma once

// Who shares a buffer: since when, from which line and which thread; so that it can be
// said who keeps it alive. Empty where tracking is off.

#include <cstdint>
#include <mutex>
#include <thread>

#include "memoir/config.h"
#include "memoir/site.h"

MEMOIR_BEGIN

// One of those who share a buffer.
struct buffer_sharer {
  records::source_place where;
  std::thread::id thread;
};

namespace detail {

template <bool Tracking>
class basic_sharer_list {
 public:
  class node {};
  constexpr void add(node&, site) {}
  constexpr site remove(node&) { return {}; }
  constexpr void replace(node&, node&) {}
  template <class Visit>
  void each(Visit) const {}
};

template <>
class basic_sharer_list<true> {
 public:
  // Part of each owner.
  class node {
   private:
    friend class basic_sharer_list;
    node* next_ = nullptr;
    node* before_ = nullptr;
    buffer_sharer sharer_;
    [[no_unique_address]] site where_;
  };

  void add(node& one, site where) {
    const std::lock_guard lock{mutex_};
    one.sharer_ = {where, std::this_thread::get_id()};
    one.where_ = where;
    link(one);
  }
  // Where it was added.
  site remove(node& one) {
    const std::lock_guard lock{mutex_};
    unlink(one);
    return one.where_;
  }
  // `to` stands for what `from` stood for: an owner was moved.
  void replace(node& from, node& to) {
    const std::lock_guard lock{mutex_};
    unlink(from);
    to.sharer_ = {from.sharer_.where, std::this_thread::get_id()};
    to.where_ = from.where_;
    link(to);
  }
  // Under the lock: visit(const buffer_sharer&), the newest first.
  template <class Visit>
  void each(Visit visit) const {
    const std::lock_guard lock{mutex_};
    for (const node* one = first_; one != nullptr; one = one->next_) visit(one->sharer_);
  }

 private:
  void link(node& one) {
    one.before_ = nullptr;
    one.next_ = first_;
    if (first_ != nullptr) first_->before_ = &one;
    first_ = &one;
  }
  void unlink(node& one) {
    (one.before_ != nullptr ? one.before_->next_ : first_) = one.next_;
    if (one.next_ != nullptr) one.next_->before_ = one.before_;
  }

  mutable std::mutex mutex_;
  node* first_ = nullptr;
};

using sharer_list = basic_sharer_list<is_tracking>;

}  // namespace detail
MEMOIR_END
