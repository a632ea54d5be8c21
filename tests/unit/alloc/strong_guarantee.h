#pragma once

// The strong guarantee, for whatever can be described as a struct:
//
//   struct things {                // made anew for every attempt
//     sized_pool pool;
//     pooled_bytes held;
//     bool act();                  // the operation; false: it failed and said so
//     std::string say();           // all that can be seen of them
//   };
//   strong_guarantee<things>(1, log);
//
// The first, the second, ... allocation of act() is refused, until none is. What act()
// then throws is bad_alloc; say() is what it was; act() works when there is memory again,
// and leaves what it leaves where nothing failed; nothing leaks, and nothing is found.

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <thread>

#include "memoir/pool_stats.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {

template <class... Values>
std::string told(const Values&... values) {
  std::ostringstream out;
  ((out << values << ' '), ...);
  return out.str();
}

template <class Range>
std::string elements_of(const Range& range) {
  std::ostringstream out;
  for (const auto& one : range) out << static_cast<long>(one) << ' ';
  return out.str();
}

// All but how long threads waited.
inline std::string told_of(const pool_stats& stats) {
  return told("blocks", stats.total_allocated, stats.buffers_in_use,
              stats.available_buffers, stats.peak_allocation, "counts",
              stats.total_acquisitions, stats.total_releases, stats.hits, stats.misses,
              stats.growth_events, stats.freed, stats.over_cap, stats.trimmed, "bytes",
              stats.bytes_in_use, stats.bytes_idle, stats.peak_bytes);
}

namespace strong_guarantee_detail {

// Whether act() failed as it may.
template <class Things>
bool fails(Things& things, std::size_t after) {
  const failing_heap heap{after};
  try {
    return !things.act();
  } catch (const std::bad_alloc&) {
    return true;
  }
}

// What act() leaves where nothing fails.
template <class Things>
std::string say_after_success() {
  const auto things = std::make_unique<Things>();
  EXPECT_TRUE(things->act());
  return things->say();
}

// Whether there was an allocation to refuse.
template <class Things>
bool attempt(std::size_t after, const std::string& success) {
  const auto things = std::make_unique<Things>();
  const std::string before = things->say();
  if (!fails(*things, after)) {
    EXPECT_EQ(things->say(), success) << "nothing was refused";
    return false;
  }
  EXPECT_EQ(things->say(), before) << "the allocation after " << after << " was refused";
  try {
    EXPECT_TRUE(things->act()) << "once there is memory, after " << after;
    EXPECT_EQ(things->say(), success) << "once there is memory, after " << after;
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << " once there is memory, after " << after;
  }
  return true;
}

}  // namespace strong_guarantee_detail

// `least`: so many allocations there are in act() at the least. Each attempt has a thread
// of its own: what a thread keeps of pools is not there yet.
template <class Things>
void strong_guarantee(std::size_t least, finding_log& log) {
  namespace steps = strong_guarantee_detail;
  std::string success;
  std::thread([&] { success = steps::say_after_success<Things>(); }).join();
  std::thread([&] { success = steps::say_after_success<Things>(); }).join();
  std::size_t after = 0;
  for (bool failed = true; failed; ++after) {
    ASSERT_LT(after, 200u);
    const std::ptrdiff_t live = heap_live_blocks();
    std::thread([&] { failed = steps::attempt<Things>(after, success); }).join();
    EXPECT_EQ(heap_live_blocks(), live) << "leaked; refused after " << after;
  }
  EXPECT_GE(after, least + 1);
  EXPECT_NO_FINDING(log);
}

// For what may not fail for want of memory: giving back, dropping, clearing.
template <class Things>
void never_fails(finding_log& log) {
  namespace steps = strong_guarantee_detail;
  std::thread([] {
    const std::string success = steps::say_after_success<Things>();
    const auto things = std::make_unique<Things>();
    EXPECT_FALSE(steps::fails(*things, 0));
    EXPECT_EQ(things->say(), success);
  }).join();
  EXPECT_NO_FINDING(log);
}

}  // namespace memoir
