#include "symbolize/frame_lines.h"

#include <algorithm>

namespace memoir {

FrameLines::FrameLines(Database& database)
    : insert_line_(
          database.prepare("INSERT INTO frame_line VALUES(?,?,?,?,nullif(?,0),?,?)")),
      insert_text_(database.prepare("INSERT INTO string VALUES(?,?)")) {
  Statement known = database.prepare("SELECT id, s FROM string");
  while (known.step()) {
    ids_.emplace(known.text(1), known.integer(0));
    next_ = std::max(next_, known.integer(0) + 1);
  }
}

FrameLines::Text FrameLines::id(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto [it, is_new] = ids_.try_emplace(text, next_);
  if (is_new) insert_text_.run(next_++, text);
  return it->second;
}

void FrameLines::put(FrameId frame, std::span<const LogicalFrame> lines) {
  int depth = 0;
  for (const LogicalFrame& line : lines) {
    insert_line_.run(frame.value, depth++, id(line.function), id(line.file), line.line,
                     line.inlined, static_cast<int>(line.role));
  }
}

void FrameLines::put(const EarlyNames& names) {
  for (const std::string& text : names.texts) early_.push_back(id(text));
  for (const EarlyLine& line : names.lines) {
    insert_line_.run(line.frame.value, line.depth, early_[line.function],
                     early_[line.file], line.line, line.inlined,
                     static_cast<int>(line.role));
  }
}

}  // namespace memoir
