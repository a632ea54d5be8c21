#pragma once

// Names for what is drawn, so that tests, scripts and --dump-ui-state find a button or a
// row wherever it lies, and can read what it says. Costs nothing until it is switched on.
//
// Thread safety: the thread that draws.

#include <imgui.h>

#include <map>
#include <string>
#include <string_view>

namespace memoir {

struct UiMark {
  ImVec2 min, max;  // in pixels
  int frame = 0;    // when it was last drawn
  std::string text;
};

void switch_marks(bool on);
bool marks_are_on();

// The item just drawn. Names look like "leaks.row.3".
void mark(std::string_view name, std::string_view text = {});
// "leaks.row" and 3.
void mark_row(std::string_view name, std::size_t number, std::string_view text = {});
void mark_area(std::string_view name, ImVec2 min, ImVec2 max, std::string_view text = {});

// Null when it was not drawn in the last frame, or cannot be seen.
const UiMark* find_mark(std::string_view name);
const std::map<std::string, UiMark, std::less<>>& all_marks();
void forget_marks();

}  // namespace memoir
