#pragma once

// Invariants of our own. They are on in every build: going on after one is broken would
// record lies, or damage the program.
//
// Thread safety and signals: safe anywhere.

#include "base/compiler.h"

namespace memoir {

// Writes one line to standard error and aborts.
[[noreturn]] void check_failed(const char* what);

MEMOIR_FAST_PATH void check(bool condition, const char* what) {
  if (MEMOIR_UNLIKELY(!condition)) check_failed(what);
}

}  // namespace memoir
