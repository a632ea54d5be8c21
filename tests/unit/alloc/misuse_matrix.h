#pragma once

// Every type of the allocator library with every finding that it can give, each by the
// same procedure. A file of the matrix says for each type how it is used properly, and
// then, finding by finding, how it is misused:
//
//   CLEAN(block_pool) { ... }
//
//   MISUSE(block_pool, double_return) {
//     if (run.is_undefined()) return;                  // where nothing tracks
//     block_pool<int> pool(8, 2);
//     int* const block = (run.allocates(), pool.acquire().release().detach());
//     run.releases(), pool.give_back(block);
//     run.act([&](auto... at) { EXPECT_FALSE(pool.give_back(block, at...)); });
//   }
//
// An entry runs the clean use, which must not be found fault with, and then the misuse
// twice: with the line that a default argument gives, and with the line that two of the
// program's own functions pass on. Calls that cannot carry a line get it from a
// site_scope, in place and in the inner one of two functions. Each time there is exactly
// one finding: of that kind, by that type, at the line of the misuse, with the lines of
// the block's allocation and release where it has them, and nothing before or after it.
// What the misuse returns or throws is written once for both builds, with tracking and
// without it, and holds in both; without it, nothing is found.
//
// tools/misuse_table.py compares the entries with what the headers promise.

#include <gtest/gtest.h>

#include <exception>
#include <limits>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>

#include "memoir/finding.h"
#include "memoir/site.h"
#include "unit/alloc/finding_log.h"

namespace memoir {

// What no memory has.
inline constexpr std::size_t kTooMany = std::numeric_limits<std::size_t>::max() / 2 + 1;
inline std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

// One misuse, on its way through an entry.
class misuse_run {
 public:
  enum class way { direct, through_wrappers };

  misuse_run(const char* type, finding kind, way how)
      : type_{type}, kind_{kind}, way_{how} {}
  ~misuse_run() {
    EXPECT_NO_FINDING(log_);
    EXPECT_TRUE(acted_ || undefined_) << "nothing was misused";
  }
  misuse_run(const misuse_run&) = delete;
  misuse_run& operator=(const misuse_run&) = delete;

  // The misuse may do anything where nothing tracks: it is left out there.
  bool is_undefined() {
    undefined_ = !is_tracking;
    return undefined_;
  }
  // It has been done already, and is told but once in a process.
  void skip() { undefined_ = true; }

  // Said on the line where the block that is misused is allocated, or given back.
  void allocates(site at = site::current()) { allocated_ = at; }
  void releases(site at = site::current()) { released_ = at; }
  // The same for what is allocated by containers.
  template <class Work>
  void allocates(Work work, site at = site::current()) {
    allocated_ = at;
    const site_scope scope{at};
    work();
  }
  // Said on the line of the misuse, where that is not the line of act().
  void here(site at = site::current()) { here_ = at; }
  // The type, and the pool, that is to be named instead of the entry's.
  void by(std::string_view type, std::string_view name = "") {
    type_ = type;
    name_ = name;
  }
  // A name for the pool, which is to be said.
  std::string_view name() {
    name_ = "a pool with a name";
    return name_;
  }

  // The misuse. It is called with a line to pass on, or without one.
  template <class Misuse>
  void act(Misuse misuse, site user = site::current()) {
    const ::testing::ScopedTrace trace(file_of(user), line_of(user), told_way());
    EXPECT_NO_FINDING(log_);
    here_.reset();
    const bool direct = way_ == way::direct;
    if (direct) {
      call(misuse, user);
    } else {
      outer_wrapper(misuse, user);
    }
    acted_ = true;
    check(direct && here_ ? *here_ : user);
  }
  // The same for what was done before: `look` is where it is found.
  template <class Look>
  void find(Look look, site user = site::current()) {
    late_ = true;
    act(look, user);
  }
  // The misuse throws.
  template <class Error, class Misuse>
  void act_throws(Misuse misuse, site user = site::current()) {
    bool thrown = false;
    const auto catching = [&](auto... at) {
      try {
        misuse(at...);
      } catch (const Error&) {
        thrown = true;
      }
    };
    if constexpr (std::is_invocable_v<Misuse&, site>) {
      act(catching, user);
    } else {
      act([&] { catching(); }, user);
    }
    EXPECT_TRUE(thrown) << "nothing was thrown at line " << line_of(user);
  }

 private:
  static const char* file_of(const records::source_place& at) { return at.file; }
  static int line_of(const records::source_place& at) {
    return static_cast<int>(at.line);
  }
  const char* told_way() const {
    return way_ == way::direct ? "called directly" : "called through two wrappers";
  }

  // As the program's own functions are.
  template <class Misuse>
  static void outer_wrapper(Misuse& misuse, site where = site::current()) {
    inner_wrapper(misuse, where);
  }
  template <class Misuse>
  static void inner_wrapper(Misuse& misuse, site where = site::current()) {
    if constexpr (std::is_invocable_v<Misuse&, site>) {
      misuse(where);
    } else {
      const site_scope scope{where};
      misuse();
    }
  }
  template <class Misuse>
  static void call(Misuse& misuse, site user) {
    if constexpr (std::is_invocable_v<Misuse&, site>) {
      misuse();
    } else {
      const site_scope scope{user};
      misuse();
    }
  }

  static void expect_place(const records::source_place& found,
                           const records::source_place& expected, const char* what) {
    EXPECT_EQ(found.line, expected.line) << what;
    EXPECT_STREQ(found.file, expected.file) << what;
  }

  void check(const records::source_place& where) {
    const auto all = log_.take();
    if constexpr (!is_tracking) {
      EXPECT_TRUE(all.empty()) << ::testing::PrintToString(all);
      return;
    }
    ASSERT_EQ(all.size(), 1u) << ::testing::PrintToString(all);
    const logged_finding& one = all[0];
    EXPECT_STREQ(name_of(one.kind), name_of(kind_));
    EXPECT_EQ(one.pool_kind, type_);
    EXPECT_EQ(one.pool_name, name_);
    EXPECT_EQ(one.late, late_);
    EXPECT_NE(one.text + one.pool_kind, "");
    expect_place(one.where, where, "of the misuse");
    expect_place(one.allocated, allocated_, "of the allocation");
    expect_place(one.released, released_, "of the release");
  }

  finding_log log_;
  std::string type_;
  const finding kind_;
  const way way_;
  std::string name_;
  records::source_place allocated_;
  records::source_place released_;
  std::optional<records::source_place> here_;
  bool late_ = false;
  bool acted_ = false;
  bool undefined_ = false;
};

inline void run_misuse(const char* type, finding kind, void (*clean)(),
                       void (*misuse)(misuse_run&)) {
  {
    finding_log log;
    clean();
    EXPECT_NO_FINDING(log);
  }
  for (const auto way : {misuse_run::way::direct, misuse_run::way::through_wrappers}) {
    misuse_run run{type, kind, way};
    misuse(run);
  }
}

// By another thread, which is gone afterwards. What it throws is thrown.
template <class Work>
void on_another_thread(Work work) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

// What a container does that was given the resource.
inline void* pmr_allocate(std::pmr::memory_resource& resource, std::size_t bytes,
                          std::size_t alignment = alignof(std::max_align_t)) {
  return resource.allocate(bytes, alignment);
}
inline void pmr_deallocate(std::pmr::memory_resource& resource, void* block,
                           std::size_t bytes,
                           std::size_t alignment = alignof(std::max_align_t)) {
  resource.deallocate(block, bytes, alignment);
}

}  // namespace memoir

#define CLEAN(type)                  \
  void clean_use_of_##type();        \
  TEST(MisuseMatrix, type##_clean) { \
    finding_log log;                 \
    clean_use_of_##type();           \
    EXPECT_NO_FINDING(log);          \
  }                                  \
  void clean_use_of_##type()

#define MISUSE_NAMED(type, kind, name)                                    \
  void misuse_##name(misuse_run& run);                                    \
  TEST(MisuseMatrix, name) {                                              \
    run_misuse(#type, finding::kind, clean_use_of_##type, misuse_##name); \
  }                                                                       \
  void misuse_##name(misuse_run& run)

// A misuse of a type that gives a finding; a further one; and one that goes through
// std::pmr.
#define MISUSE(type, kind) MISUSE_NAMED(type, kind, type##_##kind)
#define MISUSE_BY(type, kind, what) MISUSE_NAMED(type, kind, type##_##kind##_by_##what)
#define MISUSE_PMR(type, kind) MISUSE_NAMED(type, kind, type##_##kind##_through_pmr)
// One that several types have in common, as a function. Macros for lists of types are
// named MISUSE_OF_..., and take `kind` first.
#define MISUSE_AS(type, kind, what, ...) \
  MISUSE_BY(type, kind, what) { __VA_ARGS__(run); }
