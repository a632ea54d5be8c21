#pragma once

// Findings made under a lock, told after it was given up.

#include <array>
#include <cstddef>
#include <cstdio>

#include "memoir/finding.h"

namespace memoir::records {

class pending_findings {
 public:
  // A sentence with a number in it, that stays until tell_all().
  const char* text(const char* format, std::size_t number, std::size_t second) {
    if (count_ == kMost) return "";
    std::snprintf(texts_[count_].data(), texts_[count_].size(), format, number, second);
    return texts_[count_].data();
  }
  void add(const finding_report& report) {
    if (count_ < kMost) reports_[count_++] = report;
  }
  bool full() const { return count_ == kMost; }
  std::size_t count() const { return count_; }
  std::size_t tell_all() {
    for (std::size_t i = 0; i < count_; ++i) tell(reports_[i]);
    return count_;
  }

 private:
  // One look finds no more than this at once; the next look finds the rest.
  static constexpr std::size_t kMost = 16;

  std::array<finding_report, kMost> reports_;
  std::array<std::array<char, 80>, kMost> texts_;
  std::size_t count_ = 0;
};

}  // namespace memoir::records
