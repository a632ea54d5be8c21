#pragma once

// The small things that all panels draw: text that fits, figures, bars, signs that one has
// to wait, and what is said where there is nothing to show.
//
// Thread safety: the thread that draws.

#include <imgui.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "viewer/answer.h"
#include "viewer/icons.h"

namespace memoir {

// One line of at most `width` pixels (0: what is left of the row); what does not fit is
// shown when the mouse rests on it.
void text_line(std::string_view text, float width = 0);
// The same for C++ names, which are shortened where it hurts least.
void function_line(std::string_view name, float width = 0);
// The same for paths, of which the end tells most.
void path_line(std::string_view path, float width = 0);

void faint_text(std::string_view text);
void heading(std::string_view text);
void coloured_text(ImU32 colour, std::string_view text);
// Figures end where the column ends.
void right_aligned(std::string_view text, bool faint = false);
// A bar of that part of the cell with text over it.
void share_bar(double part, std::string_view text, ImU32 colour);
// A line with a name on it.
void separator_with(std::string_view text);

// After the mouse has rested on the last item for a moment.
void tooltip(std::string_view text);
// Text that does something when it is clicked.
bool link(std::string_view text, std::string_view mark_name = {});
bool icon_button(icon::Code code, const char* label, const char* tip);

// In the middle of what is left of the window: what is so, and what to do. `name` begins
// the marks of both.
void empty_state(icon::Code code, ImU32 colour, std::string_view title,
                 std::string_view text, std::string_view name = "empty");
// Turns while an answer is on its way and nothing is there to be drawn meanwhile; says
// what went wrong. True when the answer can be drawn.
bool answer_is_there(AnswerState& answer, bool has_value);
// A thin bar at the top of the window while a newer answer is on its way.
void waiting_line(const AnswerState& answer);

// A border that can be dragged, between what is left of (above) and right of (below) it.
// `size` is that of the first; true while it changes.
bool vertical_splitter(const char* id, float* size, float least, float most);
bool horizontal_splitter(const char* id, float* size, float least, float most);

}  // namespace memoir
