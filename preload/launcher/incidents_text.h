#pragma once

// The parts of a report that tell of allocations that were made to fail, and of marks.
// Pure functions; empty where there is nothing to tell.

#include <string>

#include "analyze/incidents.h"
#include "launcher/terminal.h"

namespace memoir {

std::string render_failures(const FailureReport& failures, const TextStyle& style);
// `several`: of more than one process.
std::string render_marks(const MarkReport& marks, bool several, const TextStyle& style);

}  // namespace memoir
