#pragma once

#include <cstddef>
#include <string>

#include "analyze/leaks.h"
#include "analyze/stacks.h"
#include "launcher/terminal.h"

namespace memoir {

// The first `most` leaks, each with its heaviest stack in full.
std::string render_leaks(const LeakReport& report, std::size_t most,
                         StackExpander& expander, const TextStyle& style);

}  // namespace memoir
