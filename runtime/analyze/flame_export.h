#pragma once

// Call trees for other programs and for pages: collapsed stacks, as flamegraph.pl and
// speedscope read them, and a picture that any browser shows.
//
// Pure functions.

#include <string>
#include <string_view>

#include "analyze/call_tree.h"

namespace memoir {

// A line for each stack of a top-down tree that cost something itself: functions from the
// outermost one, separated by semicolons, then a space and the cost. The lines add up to
// the root's cost.
std::string collapsed_stacks(const CallTree& tree);

struct SvgOptions {
  std::string title;
  bool bytes = true;      // what costs are; otherwise they are counted
  bool inverted = false;  // the root above: an icicle
  double width = 1200;
  double min_pixels = 0.5;
};

// Every box tells its function and cost when it is pointed at. Differences are red where
// they grew, and blue where they shrank.
std::string flame_svg(const CallTree& tree, const SvgOptions& options);

}  // namespace memoir
