#pragma once

// The keys, over everything else.

namespace memoir {

// Closed by Escape or a click: then `is_open` becomes false.
void draw_help(bool& is_open);

}  // namespace memoir
