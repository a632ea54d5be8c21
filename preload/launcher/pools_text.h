#pragma once

// What `memoir pools` prints. Pure.

#include <string>
#include <vector>

#include "analyze/pools.h"
#include "launcher/terminal.h"

namespace memoir {

// The first `most` pools, each with the call sites that it has.
std::string render_pools(const std::vector<Pool>& pools, std::size_t most,
                         const TextStyle& style);

}  // namespace memoir
