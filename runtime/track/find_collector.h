#pragma once

// Where the memoir command is, for a program that was not started by it.

#include "base/text_writer.h"

namespace memoir {

using CollectorPath = Text<4096>;

// The first of these that can be executed: what MEMOIR_COLLECTOR names (and then no
// other); bin/memoir beside the lib/memoir that this library lies in, or that the
// program's DT_RUNPATH names, which is how it knows when the runtime is part of itself;
// memoir in PATH. Allocates nothing; takes the loader's lock for a moment.
bool find_collector(CollectorPath& path);

}  // namespace memoir
