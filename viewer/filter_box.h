#pragma once

// The line that says which part of the trace is meant, and the chips of the status bar that
// take parts of it back.
//
// Thread safety: the thread that draws.

#include <string>

namespace memoir {

class App;

// `text` is what is being typed; Enter, or leaving the field, makes it the view's filter.
void draw_filter_box(App& app, std::string& text);
// Range, process and filter that are in force, each with a cross.
void draw_chips(App& app);

}  // namespace memoir
