#pragma once

#include <string>
#include <vector>

#include "analyze/hotspots.h"
#include "launcher/terminal.h"

namespace memoir {

// A line of figures for every call site, and below it its name and place. `top` is the
// answer that `sites` gave to `order`.
std::string render_sites(const std::vector<CallSite>& top, SiteOrder order,
                         const CallSites& sites, const TextStyle& style);

}  // namespace memoir
