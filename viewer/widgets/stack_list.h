#pragma once

// A call stack, a frame in two lines: the function, and below it where it is.
//
// Thread safety: the thread that draws.

#include <string>
#include <vector>

#include "analyze/stacks.h"

namespace memoir {

class App;

// `mark_name` begins the marks of frames. A click selects a frame's source line.
void draw_stack(const char* mark_name, const std::vector<StackFrame>& frames,
                bool shows_all, App& app);

// As reports have it: "#0 function file:line".
std::string stack_as_text(const std::vector<StackFrame>& frames);

}  // namespace memoir
