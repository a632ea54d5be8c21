#pragma once

// What a panel does not do of what the view asks for, in words, above what it shows.
//
// Thread safety: the thread that draws.

#include <span>
#include <string>

namespace memoir {

// Marks are name.remark.0 and so on.
void draw_remarks(const std::string& name, std::span<const std::string> remarks);

}  // namespace memoir
