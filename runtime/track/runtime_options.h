#pragma once

// The options of this process: those that the program says itself
// (memoir_default_options() of memoir/track.h), and over them those of MEMOIR_OPTIONS.

#include "base/options.h"

namespace memoir {

// What memoir_default_options() answers; nullptr where the program has none.
const char* options_of_program();

// Whether all was understood; if not, a line for standard error. The options that were
// not, stand at their defaults. Allocates nothing; before main(), too.
struct OptionsRead {
  OptionError error = {};
  const char* source = nullptr;  // where the error is
};
OptionsRead read_runtime_options(Options& options);

}  // namespace memoir
