#pragma once

#include <cstddef>
#include <string>

#include "analyze/compare.h"
#include "analyze/site_rows.h"
#include "launcher/terminal.h"

namespace memoir {

// The first `most` call sites that changed: what they had, have, and the difference.
std::string render_diff(const Comparison& comparison, SiteOrder order, std::size_t most,
                        const TextStyle& style);

}  // namespace memoir
