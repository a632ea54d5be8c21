#pragma once

// Writes the names of a trace's addresses: the tables `frame_line` and `string`.
//
// Thread safety: one thread per database. Errors: throws Error (kTrace).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "symbolize/early_symbols.h"
#include "symbolize/symbolizer.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

class FrameLines {
 public:
  explicit FrameLines(Database& database);

  // The frame has no lines yet. At least one, innermost first.
  void put(FrameId frame, std::span<const LogicalFrame> lines);
  // What one EarlySymbols found, in the order in which it was taken.
  void put(const EarlyNames& names);

 private:
  using Text = std::optional<std::int64_t>;  // none: ""

  Text id(const std::string& text);

  Statement insert_line_, insert_text_;
  std::unordered_map<std::string, std::int64_t> ids_;
  std::int64_t next_ = 1;
  std::vector<Text> early_;  // by the numbers of EarlyNames
};

}  // namespace memoir
