#pragma once

// Texts by number, each once: names of functions, files and modules.
//
// Thread safety: filled by one thread; afterwards any number may read.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "trace/ids.h"

namespace memoir {

using NameId = TraceId<struct NameTag>;  // none: the empty text

class NameTable {
 public:
  NameTable() : texts_(1) {}
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  NameId intern(std::string_view text);

  // Valid as long as the table; "" for a number it does not know.
  std::string_view text(NameId name) const {
    return name.value < texts_.size() ? texts_[name.value] : std::string_view();
  }
  std::optional<NameId> find(std::string_view text) const;
  // Names are the numbers below this one.
  std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;  // what is in it stays where it is
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

}  // namespace memoir
