#pragma once

// Catches what the library finds during a test, in place of stderr and trace.

#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

#include "alloc/annotations.h"
#include "memoir/finding.h"

namespace memoir {

// One finding, with its own copies of what the report points to.
struct logged_finding {
  finding kind{};
  std::string pool_kind;
  std::string pool_name;
  std::string text;
  const void* address = nullptr;
  std::size_t size = 0;
  std::size_t block_size = 0;
  records::source_place where;
  records::source_place allocated;
  records::source_place released;
  bool late = false;
};

inline void PrintTo(const logged_finding& found, std::ostream* out) {
  *out << name_of(found.kind) << " of " << found.pool_kind << " at " << found.where.file
       << ":" << found.where.line << " (" << found.text << ")";
}

// While it lives, findings are collected here. Damage on purpose is hidden from
// sanitizers by making the pool while one lives.
class finding_log {
 public:
  finding_log() : before_{set_finding_listener({&finding_log::add, this})} {
    annotate_pools(false);
  }
  ~finding_log() {
    set_finding_listener(before_);
    annotate_pools(true);
  }
  finding_log(const finding_log&) = delete;
  finding_log& operator=(const finding_log&) = delete;

  // What was found since the last call.
  std::vector<logged_finding> take() {
    const std::lock_guard lock{mutex_};
    return std::move(all_);
  }

 private:
  static bool add(const finding_report& report, void* context) {
    auto* log = static_cast<finding_log*>(context);
    const std::lock_guard lock{log->mutex_};
    log->all_.push_back({report.kind, report.pool_kind, report.pool_name, report.text,
                         report.address, report.size, report.block_size, report.where,
                         report.allocated, report.released, report.late});
    return false;
  }

  std::mutex mutex_;
  std::vector<logged_finding> all_;
  finding_listening before_;
};

// Expects that exactly one finding was made since the last look: of this kind, by this
// line of this file. Where tracking is off: none.
#define EXPECT_ONE_FINDING(log, expected_kind, expected_line)                  \
  do {                                                                         \
    const auto found_ = (log).take();                                          \
    if constexpr (::memoir::is_tracking) {                                     \
      EXPECT_EQ(found_.size(), 1u) << ::testing::PrintToString(found_);        \
      if (found_.size() == 1) {                                                \
        EXPECT_STREQ(::memoir::name_of(found_[0].kind),                        \
                     ::memoir::name_of(expected_kind));                        \
        EXPECT_STREQ(found_[0].where.file, __FILE__);                          \
        EXPECT_EQ(found_[0].where.line, static_cast<unsigned>(expected_line)); \
      }                                                                        \
    } else {                                                                   \
      EXPECT_TRUE(found_.empty()) << ::testing::PrintToString(found_);         \
    }                                                                          \
  } while (false)

// No finding since the last look.
#define EXPECT_NO_FINDING(log)                                       \
  do {                                                               \
    const auto found_ = (log).take();                                \
    EXPECT_TRUE(found_.empty()) << ::testing::PrintToString(found_); \
  } while (false)

}  // namespace memoir
