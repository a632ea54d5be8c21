#pragma once

// Findings made under a lock, told after it was given up.

#include <array>
#include <cstddef>
#include <cstdio>

#include "memoir/finding.h"

namespace memoir::records {

// "1 byte", "2 bytes".
struct counted {
  std::size_t number;
  const char* thing;
};

class pending_findings {
 public:
  // A sentence that stays until tell_all(), with numbers of things at each %s.
  const char* text(const char* format, counted first, counted second) {
    if (count_ == kMost) return "";
    std::snprintf(texts_[count_].data(), texts_[count_].size(), format,
                  word(first).data(), word(second).data());
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
  static std::array<char, 40> word(counted things) {
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "%zu %s%s", things.number, things.thing,
                  things.number == 1 ? "" : "s");
    return text;
  }

  // One look finds no more than this at once; the next look finds the rest.
  static constexpr std::size_t kMost = 16;

  std::array<finding_report, kMost> reports_;
  std::array<std::array<char, 136>, kMost> texts_;
  std::size_t count_ = 0;
};

}  // namespace memoir::records
