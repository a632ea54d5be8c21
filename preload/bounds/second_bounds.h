#pragma once

// Two sets of interceptors in one process: the program has one linked into itself, and is
// run by `memoir run`, which preloads another. The call goes through both; only the first
// looks at it.

namespace memoir {

// Whether this is the one behind.
bool is_second_bounds();

}  // namespace memoir
