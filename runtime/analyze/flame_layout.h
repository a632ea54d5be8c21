#pragma once

// Where the nodes of a call tree lie in a flame graph: a row for each depth, as wide as
// their weight. What would be too narrow to be seen is merged into one box, so that a
// picture has a few thousand rectangles at most, of however many nodes.
//
//   depth 0 |              (all)             |
//         1 |       main        |   worker   |      an icicle; turned over, a flame
//         2 | parse | ren.|/////|   poll  |       merged boxes are hatched
//
// Pure functions.

#include <cstdint>
#include <functional>
#include <vector>

#include "analyze/call_tree.h"

namespace memoir {

struct FlameRect {
  float x0 = 0, x1 = 0;     // pixels, 0 <= x0 <= x1 <= width
  std::uint32_t depth = 0;  // of the node
  std::uint32_t node = 0;   // of a merged box: the heaviest in it
  bool merged = false;      // stands for several nodes
};

struct FlameView {
  double width = 1000;     // pixels
  std::uint32_t node = 0;  // fills the width; its callers lie above it, as wide as it is
  double begin = 0, end = 1;  // the part of the node that is seen
  double min_pixels = 2;      // narrower ones are merged
  // Rows that are seen, by depth.
  std::uint32_t first_depth = 0, last_depth = ~std::uint32_t{0};
  std::size_t most_rects = 4000;
};

struct FlameLayout {
  std::vector<FlameRect> rects;  // by depth, then from left to right
  std::uint32_t depth = 0;       // of the deepest row that there is in this view
};

FlameLayout lay_out_flame(const CallTree& tree, const FlameView& view);

// The rectangle at a point; null where nothing is.
const FlameRect* find_rect(const FlameLayout& layout, float x, std::uint32_t depth);

struct FlameSearch {
  std::vector<bool> matches;  // by node
  Cost cost;                  // of all that is below a match, each part once
  std::uint32_t nodes = 0;    // that match
};

// Nodes whose name a predicate takes. It is asked once for each name.
FlameSearch search_tree(const CallTree& tree,
                        const std::function<bool(std::string_view)>& matches);

}  // namespace memoir
