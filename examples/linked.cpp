// Links memoir::runtime, as a debug build would: it is recorded and checked by running
// it, and says itself how. The trace is linked.<pid>.memoir.
//   build/dev/examples/linked && memoir report linked.*.memoir
#include <cstdio>
#include <string>
#include <vector>

#include "memoir/track.h"

// MEMOIR_OPTIONS goes first where it says otherwise.
extern "C" const char* memoir_default_options() { return "quarantine_mib=16"; }

static std::vector<std::string>* make_log() {
  auto* log = new std::vector<std::string>;
  for (int i = 0; i < 10; ++i)
    log->push_back("line " + std::to_string(i) + " of the log");
  return log;
}

int main() {
  std::vector<std::string>* log = make_log();
  memoir_mark("the log is made");
  std::printf("%zu lines, recorded: %s\n", log->size(),
              memoir_is_recording() != 0 ? "yes" : "no");
  delete &log[0];

  // Some code can ask what it was given.
  memoir_block block;
  char* text = new char[20];
  memoir_block_info(text + 5, &block);
  std::printf("byte %td of a block of %zu\n", block.offset, block.size);
  delete[] text;
}
