#pragma once

// Call stacks and places as text of a given width. Pure functions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "analyze/stacks.h"
#include "launcher/terminal.h"

namespace memoir {

// "leak.cpp:12", "[libc.so.6]" without a line, "" without anything to add to `function`.
std::string short_location(std::string_view function, std::string_view file,
                           std::int64_t line, std::string_view module);
// The same with the whole path, shortened in front to `width`.
std::string long_location(std::string_view file, std::int64_t line,
                          std::string_view module, std::size_t width);

// A line per frame, innermost first: function to the left, location to the right. Of a
// deep stack the outermost frame and the innermost ones are shown, `most` in all. main()
// counts as outermost. Direct recursion takes one line, which says how deep it was.
enum class FrameNumbers { kNone, kShown };
std::string render_stack(std::span<const StackFrame> frames, std::size_t indent,
                         std::size_t most, const TextStyle& style,
                         FrameNumbers numbers = FrameNumbers::kNone);

}  // namespace memoir
