#pragma once

// The engine of what is lent out and comes back: a fixed number of slots, each held by
// nobody or under one lease. A lease is a slot and a number; numbers are never used
// again, so that one which was ended, or revoked, is told from its successor. The set
// knows nothing of what the slots stand for.
//
// Thread safety: all functions from any thread. A lease may be given back by another
// thread than the one that took it. Constant time, but for a search among the slots.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "memoir/detail/pool_watch.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

struct lease_ticket {
  std::size_t slot = 0;
  std::uint64_t number = 0;  // 0: none
  explicit operator bool() const { return number != 0; }
};

// Who holds a slot.
struct lease_holder {
  std::size_t slot = 0;
  std::uint64_t number = 0;  // 0: nobody
  std::thread::id thread;
  [[no_unique_address]] site where;
};

class lease_set {
 public:
  using clock = std::chrono::steady_clock;

  // `kind` is a literal, the type's name; `watch` is told of waits, if there is one.
  // Throws std::invalid_argument for no slots (bad_size).
  lease_set(const char* kind, std::size_t slots, const pool_watch* watch = nullptr,
            site where = site::current())
      : kind_{kind}, watch_{watch}, holders_(slots) {
    if (slots == 0) {
      report(finding::bad_size, kind, where, "a set of nothing to lend");
      throw std::invalid_argument(kind);
    }
    for (std::size_t i = 0; i < slots; ++i) holders_[i].slot = i;
  }
  lease_set(const lease_set&) = delete;
  lease_set& operator=(const lease_set&) = delete;

  std::size_t size() const { return holders_.size(); }
  std::size_t leased() const {
    const std::lock_guard lock{mutex_};
    return leased_;
  }

  // After so long a wait, finding lease_timeout is told once, and the wait goes on. One
  // second unless told. Thread safety: before others use the set.
  void set_patience(clock::duration patience) { patience_ = patience; }

  // Any free slot; none: no lease.
  lease_ticket try_acquire(site where) {
    const std::lock_guard lock{mutex_};
    return take_any(where);
  }
  // Waits for one.
  lease_ticket acquire(site where) {
    return wait(std::nullopt, where, [&] { return take_any(where); });
  }
  // Waits for one at most so long; then there is none, which is told, too.
  lease_ticket acquire_for(clock::duration longest, site where) {
    return wait(longest, where, [&] { return take_any(where); });
  }

  // The same for a certain slot.
  lease_ticket try_acquire_slot(std::size_t slot, site where) {
    const std::lock_guard lock{mutex_};
    return take(slot, where);
  }
  lease_ticket acquire_slot(std::size_t slot, site where) {
    return wait(std::nullopt, where, [&] { return take(slot, where); });
  }
  lease_ticket acquire_slot_for(std::size_t slot, clock::duration longest, site where) {
    return wait(longest, where, [&] { return take(slot, where); });
  }

  // Ends a lease. False: it had ended before, or was revoked; nothing is done.
  bool release(const lease_ticket& ticket) {
    {
      const std::lock_guard lock{mutex_};
      if (!is_current(ticket)) return false;
      end(ticket.slot);
    }
    returned_.notify_all();
    return true;
  }

  bool holds(const lease_ticket& ticket) const {
    const std::lock_guard lock{mutex_};
    return is_current(ticket);
  }
  lease_holder holder_of(std::size_t slot) const {
    const std::lock_guard lock{mutex_};
    return holders_[slot];
  }

  // Ends all leases, and visits each lease_holder that had one. How many there were.
  // Waiting threads go on after the visits, which may not use the set.
  template <class Visit>
  std::size_t revoke_all(Visit visit) {
    std::size_t revoked = 0;
    {
      const std::lock_guard lock{mutex_};
      for (lease_holder& one : holders_) {
        if (one.number == 0) continue;
        visit(static_cast<const lease_holder&>(one));
        end(one.slot);
        ++revoked;
      }
    }
    returned_.notify_all();
    return revoked;
  }

 private:
  bool is_current(const lease_ticket& ticket) const {
    return ticket.number != 0 && ticket.slot < holders_.size() &&
           holders_[ticket.slot].number == ticket.number;
  }

  lease_ticket take(std::size_t slot, site where) {
    lease_holder& one = holders_[slot];
    if (one.number != 0) return {};
    one = {slot, next_++, std::this_thread::get_id(), where};
    ++leased_;
    return {slot, one.number};
  }

  // The one that was given back last is looked at first: its memory is warm.
  lease_ticket take_any(site where) {
    if (leased_ == holders_.size()) return {};
    for (std::size_t i = 0; i < holders_.size(); ++i) {
      const std::size_t slot = (last_ + i) % holders_.size();
      if (const lease_ticket ticket = take(slot, where)) return ticket;
    }
    return {};
  }

  void end(std::size_t slot) {
    holders_[slot] = {slot, 0, {}, {}};
    last_ = slot;
    --leased_;
  }

  template <class Take>
  lease_ticket wait(std::optional<clock::duration> longest, site where, Take take_one) {
    std::unique_lock lock{mutex_};
    lease_ticket ticket = take_one();
    if (ticket) return ticket;
    const wait_told told{watch_, where};
    const auto ready = [&] { return static_cast<bool>(ticket = take_one()); };
    if (longest) {
      if (!returned_.wait_for(lock, *longest, ready)) tell(lock, where);
      return ticket;
    }
    if constexpr (is_tracking) {
      if (returned_.wait_for(lock, patience_, ready)) return ticket;
      tell(lock, where);
    }
    returned_.wait(lock, ready);
    return ticket;
  }

  // Says how long it took, at its end.
  class wait_told {
   public:
    wait_told(const pool_watch* watch, site where) : watch_{watch}, where_{where} {
      if constexpr (is_tracking) begin_ = clock::now();
    }
    wait_told(const wait_told&) = delete;
    wait_told& operator=(const wait_told&) = delete;
    ~wait_told() {
      if constexpr (is_tracking) {
        if (watch_ == nullptr) return;
        const std::chrono::nanoseconds waited = clock::now() - begin_;
        watch_->tell(pool_event::wait, where_, nullptr, 0,
                     static_cast<std::uint64_t>(waited.count()), "for a lease");
      }
    }

   private:
    const pool_watch* watch_;
    [[no_unique_address]] site where_;
    clock::time_point begin_{};
  };

  // Who waits, and for whom. Called, and left, with the lock held.
  void tell(std::unique_lock<std::mutex>& lock, site where) {
    if constexpr (is_tracking) {
      records::source_place first;
      for (const lease_holder& one : holders_) {
        if (one.number != 0) first = one.where;
      }
      char text[160];
      std::snprintf(text, sizeof text, "%zu of %zu are held, one by %.80s:%u", leased_,
                    holders_.size(), first.file, first.line);
      lock.unlock();
      report(finding::lease_timeout, kind_, where, text);
      lock.lock();
    } else {
      static_cast<void>(lock);
      static_cast<void>(where);
    }
  }

  const char* kind_;
  const pool_watch* watch_;
  clock::duration patience_ = std::chrono::seconds{1};
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<lease_holder> holders_;
  std::size_t leased_ = 0;
  std::size_t last_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace detail
MEMOIR_END
