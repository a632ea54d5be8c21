#pragma once

// Texts that a program gives to things: marks, pools. Most programs have few, so that the
// same one is put into the session once.
//
// Thread safety and signals: anywhere, while the process records.

#include <cstddef>

#include "wire/event.h"

namespace memoir {

inline constexpr std::size_t kMostText = 255;

// What is beyond kMostText bytes is cut. 0 where there is no room for it, or nothing in
// it.
TextRef intern_text(const char* text);

// The same for texts that come again and again: 0 rather than a second copy where too
// many different ones are known.
TextRef find_text(const char* text);

}  // namespace memoir
