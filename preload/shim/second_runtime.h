#pragma once

// Two runtimes in one process: the program has one linked into itself, and is run by
// `memoir run`, which preloads another. Its own is in front of everything, so the other
// one stands aside: it passes on what it is called for, and records nothing.

namespace memoir {

// Whether this is the one that is to stand aside.
bool is_second_runtime();

}  // namespace memoir
