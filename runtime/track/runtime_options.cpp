#include "track/runtime_options.h"

#include "memoir/track.h"
#include "track/initial_environment.h"
#include "wire/session_memory.h"

// Defined by the program, or not at all.
extern "C" __attribute__((weak)) const char* memoir_default_options(void);

namespace memoir {

const char* options_of_program() {
  return memoir_default_options != nullptr ? memoir_default_options() : nullptr;
}

OptionsRead read_runtime_options(Options& options) {
  const OptionError own = parse_options(options_of_program(), options);
  const OptionError given = parse_options(find_in_environment(kOptionsVariable), options);
  if (given.failed) return {given, kOptionsVariable};
  return {own, "memoir_default_options()"};
}

}  // namespace memoir
