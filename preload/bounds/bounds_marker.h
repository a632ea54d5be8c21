#pragma once

// Something to compare addresses of: the same byte under a name that the first set of
// interceptors in the process gives to all, and under one that each set has for itself.

extern "C" {
extern const char memoir_bounds_marker __attribute__((weak, visibility("default")));
extern const char memoir_own_bounds_marker __attribute__((visibility("hidden")));
}
