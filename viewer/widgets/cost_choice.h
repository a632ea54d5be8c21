#pragma once

// Which figure is meant: a box to choose one of SiteOrder, and how figures of it read.
//
// Thread safety: the thread that draws.

#include <cstdint>
#include <span>
#include <string>

#include "analyze/site_rows.h"

namespace memoir {

const char* cost_title(SiteOrder order);
bool is_in_bytes(SiteOrder order);
// "1.5 KiB" or "1,234"; a negative one with its sign.
std::string cost_text(std::int64_t value, bool in_bytes);
// With a sign on whichever side of zero.
std::string change_text(std::int64_t value, bool in_bytes);

// Marks are name.cost and name.cost.leaked; true when another one was chosen.
bool draw_cost_choice(const std::string& name, std::span<const SiteOrder> choices,
                      SiteOrder* order);

}  // namespace memoir
