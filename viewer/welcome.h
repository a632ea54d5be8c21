#pragma once

// What is shown while no trace is open: recent traces, and how to record one.

#include <filesystem>
#include <optional>

#include "viewer/settings.h"

namespace memoir {

// The trace that was chosen.
std::optional<std::filesystem::path> draw_welcome(Settings& settings);

}  // namespace memoir
