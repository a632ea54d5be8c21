#pragma once

// Keeps books on every block of another allocator, and says at the end who did not give
// his back.
//
//   debug_allocator memory{"parser", Z::default_allocator(), leak_mode::throw_};
//   auto lost = memory.allocate<int>(5).release();
//   memory.close();            // throws memory_leak: "... 20 bytes at parser.cpp:12 ..."
//
// It counts and reports with and without tracking. The lines of code are those of the
// program, however many allocators lie in between; where tracking is off they are known
// of calls to a debug_allocator itself, not of those through a base or a container.
//
// Complexity: a lock and a hash table on each way; reports look at all blocks.
// Thread safety: any thread, but for the making and the ending.
// Errors: std::invalid_argument for an empty name, and from free() for what is no live
// block of its own, which is not passed on; memory_leak from close(), and
// std::logic_error after it; otherwise those of the allocator below.
// Findings: leak (one for each line that allocated), double_free, invalid_free,
// foreign_return, alloc_dealloc_mismatch (deallocate() with another size),
// use_after_dispose, use_after_free, stale_handle (a buffer whose block was freed by its
// address and handed out again), bad_size, size_overflow (allocate()), pool_overflow (by
// the allocator below)
// Design: ZiggyAlloc's DebugMemoryAllocator, which names its own file in every report,
// and passes on what it does not know.

#include <concepts>
#include <cstddef>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "memoir/allocator.h"
#include "memoir/detail/caller.h"
#include "memoir/detail/debug_core.h"

MEMOIR_BEGIN

// What is done about blocks that are left when the allocator ends.
enum class leak_mode : std::uint8_t {
  log,      // the report is written to stderr
  throw_,   // close() throws memory_leak; the destructor logs
  trap,     // stops in the debugger
  callback  // on_leak() gets the report
};

// The message is the report.
class memory_leak : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class debug_allocator final : public allocator {
 public:
  // `name` is not empty. `backing` lives as long as the allocator; blocks may come back
  // later.
  debug_allocator(std::string name, allocator& backing, leak_mode mode = leak_mode::log,
                  site where = site::current())
      : backing_{backing},
        core_{*new detail::debug_core(checked(std::move(name)), backing.core(), where)},
        mode_{mode} {}

  // As close(), but for leak_mode::throw_: then it logs.
  ~debug_allocator() override {
    try {
      end(mode_ == leak_mode::throw_ ? leak_mode::log : mode_, site::of_thread());
    } catch (...) {  // from on_leak
    }
    core_.close();
  }

  // As every allocator's; they know their callers in every build.
  template <unmanaged T, std::integral Count>
  [[nodiscard]] buffer<T> allocate(Count count, zero content = zero::no,
                                   detail::caller where = detail::caller::current()) {
    const detail::caller_scope scope{where};
    return allocator::allocate<T>(count, content, where);
  }
  [[nodiscard]] void* allocate(std::size_t bytes,
                               std::size_t alignment = alignof(std::max_align_t),
                               detail::caller where = detail::caller::current()) {
    const detail::caller_scope scope{where};
    return allocator::allocate(bytes, alignment, where);
  }

  const std::string& name() const noexcept { return core_.name(); }
  // For leak_mode::callback: called with each report. Before anything is allocated.
  void on_leak(std::function<void(const std::string&)> sink) { sink_ = std::move(sink); }

  bool supports_individual_free() const noexcept override {
    return backing_.supports_individual_free();
  }
  std::uint64_t total_allocated_bytes() const noexcept override {
    return core_.live_bytes();
  }
  std::uint64_t cumulative_allocated_bytes() const noexcept override {
    return core_.allocated_bytes();
  }
  // Blocks that are out. Empty buffers are none.
  std::size_t tracked_count() const { return core_.live_blocks(); }

  // Who has blocks now, one line for each line of code, most bytes first; nothing where
  // all are back. Whether there are any.
  bool report_leaks(std::ostream& out, site where = site::current()) const {
    const std::string report = core_.describe();
    core_.watch().tell(detail::pool_event::sample, where, nullptr, core_.live_bytes(),
                       core_.live_blocks());
    out << report;
    return !report.empty();
  }

  // Reports what is not back, in the way of leak_mode. No block is handed out from here
  // on; those that are out may come back. Once more: nothing.
  void close(site where = site::current()) { end(mode_, where); }

  [[nodiscard]] detail::detached_block hand_out(const block_request& request,
                                                site where) override {
    if (closed_) {
      core_.watch().report(finding::use_after_dispose, where,
                           "the allocator was closed before");
      throw std::logic_error("debug_allocator: used after close()");
    }
    return core_.track(backing_.hand_out(request, where), request, where);
  }
  detail::block_owner& core() const noexcept override { return core_; }

 private:
  static std::string checked(std::string name) {
    if (name.empty()) throw std::invalid_argument("debug_allocator: without a name");
    return name;
  }

  void take_back(void* block, site where) override {
    if (!core_.take_back_if_known(block, where)) {
      throw std::invalid_argument("debug_allocator::free: no live block of " + name());
    }
  }

  void end(leak_mode mode, site where) {
    if (closed_.exchange(true)) return;
    const std::string report = core_.describe();
    if (report.empty()) return;
    core_.report_leaks(where);
    switch (mode) {
      case leak_mode::log:
        std::fputs(report.c_str(), stderr);
        break;
      case leak_mode::throw_:
        throw memory_leak(report);
      case leak_mode::trap:
        __builtin_trap();
      case leak_mode::callback:
        if (sink_) sink_(report);
        break;
    }
  }

  allocator& backing_;
  detail::debug_core& core_;
  const leak_mode mode_;
  std::function<void(const std::string&)> sink_;
  std::atomic<bool> closed_{false};
};

MEMOIR_END
