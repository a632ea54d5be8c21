#pragma once

// The misuse of a pool, allocator or buffer as text: the places are those that the
// program names itself, the stack is that of the misuse.

#include <string>

#include "analyze/faults.h"
#include "launcher/faults_text.h"
#include "launcher/terminal.h"

namespace memoir {

// What stands between the first line of the report and its last ones.
std::string render_misuse(const Fault& fault, const std::string& actor,
                          const std::string& access_frames);

}  // namespace memoir
