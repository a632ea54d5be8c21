#include "analyze/flame_layout.h"

#include <algorithm>
#include <unordered_map>

namespace memoir {
namespace {

// A node, and where it lies in pixels, which may be far outside of what is seen.
struct Placed {
  std::uint32_t node;
  double x0, x1;
};

class Layout {
 public:
  Layout(const CallTree& tree, const FlameView& view, double min_pixels)
      : tree_(tree), view_(view), min_pixels_(min_pixels) {}

  // False when there were too many rectangles.
  bool run() {
    const std::uint32_t focus = view_.node < tree_.nodes().size() ? view_.node : 0;
    if (focus != 0) add_row({{0, 0, view_.width}});
    for (const std::uint32_t node : tree_.path(focus)) {
      if (node != focus) add_row({{node, 0, view_.width}});
    }
    // How wide all of the focus would be.
    const double seen = std::max(view_.end - view_.begin, 1e-12);
    const double scale = view_.width / seen;
    std::vector<Placed> row{{focus, -view_.begin * scale, (1 - view_.begin) * scale}};
    while (!row.empty()) {
      add_row(row);
      if (result_.rects.size() > view_.most_rects) return false;
      std::vector<Placed> below;
      for (const Placed& placed : row) place_children(placed, below);
      row = std::move(below);
    }
    return true;
  }

  FlameLayout take() { return std::move(result_); }

 private:
  void place_children(const Placed& placed, std::vector<Placed>& row) const {
    const CallNode& node = tree_.node(placed.node);
    if (node.inclusive.weight <= 0 || placed.x1 - placed.x0 < min_pixels_) return;
    const double scale =
        (placed.x1 - placed.x0) / static_cast<double>(node.inclusive.weight);
    double x = placed.x0;
    for (std::uint32_t i = 0; i < node.children && x < view_.width; ++i) {
      const std::uint32_t child = node.first_child + i;
      const double x1 =
          x + static_cast<double>(tree_.node(child).inclusive.weight) * scale;
      if (x1 > 0 && x1 > x) row.push_back({child, x, x1});
      x = x1;
    }
  }

  // Nodes of one depth, from left to right. Narrow neighbours become one box.
  void add_row(const std::vector<Placed>& row) {
    const std::uint32_t depth = tree_.node(row.front().node).depth;
    result_.depth = std::max(result_.depth, depth);
    if (depth < view_.first_depth || depth > view_.last_depth) return;
    const std::size_t first = result_.rects.size();
    std::int64_t heaviest = 0;  // in the box that may still grow
    double box_end = 0;
    bool grows = false;
    for (const Placed& placed : row) {
      const bool narrow = placed.x1 - placed.x0 < min_pixels_;
      const std::int64_t weight = tree_.node(placed.node).inclusive.weight;
      if (narrow && grows && result_.rects.size() > first &&
          placed.x0 - box_end < min_pixels_ / 2) {
        FlameRect& box = result_.rects.back();
        box.x1 = clip(placed.x1);
        box.merged = true;
        if (weight > heaviest) box.node = placed.node;
        heaviest = std::max(heaviest, weight);
      } else {
        result_.rects.push_back(
            {clip(placed.x0), clip(placed.x1), depth, placed.node, false});
        heaviest = weight;
        grows = narrow;
      }
      box_end = placed.x1;
    }
    drop_invisible(first);
  }

  // Boxes of less than half a pixel.
  void drop_invisible(std::size_t first) {
    const auto begin = result_.rects.begin() + static_cast<std::ptrdiff_t>(first);
    result_.rects.erase(
        std::remove_if(begin, result_.rects.end(),
                       [](const FlameRect& rect) { return rect.x1 - rect.x0 < 0.5F; }),
        result_.rects.end());
  }

  float clip(double x) const {
    return static_cast<float>(std::clamp(x, 0.0, view_.width));
  }

  const CallTree& tree_;
  const FlameView& view_;
  double min_pixels_;
  FlameLayout result_;
};

}  // namespace

FlameLayout lay_out_flame(const CallTree& tree, const FlameView& view) {
  // Coarser until it is few enough.
  for (double min_pixels = std::max(view.min_pixels, 0.5);; min_pixels *= 2) {
    Layout layout(tree, view, min_pixels);
    if (layout.run() || min_pixels > view.width) return layout.take();
  }
}

const FlameRect* find_rect(const FlameLayout& layout, float x, std::uint32_t depth) {
  const auto after = std::upper_bound(
      layout.rects.begin(), layout.rects.end(), std::pair(depth, x),
      [](const std::pair<std::uint32_t, float>& point, const FlameRect& rect) {
        return point < std::pair(rect.depth, rect.x0);
      });
  if (after == layout.rects.begin()) return nullptr;
  const FlameRect& rect = *(after - 1);
  return rect.depth == depth && x < rect.x1 ? &rect : nullptr;
}

FlameSearch search_tree(const CallTree& tree,
                        const std::function<bool(std::string_view)>& matches) {
  FlameSearch search;
  const std::vector<CallNode>& nodes = tree.nodes();
  search.matches.resize(nodes.size());
  std::vector<bool> covered(nodes.size());  // below a match, or one
  std::unordered_map<std::uint32_t, bool> names;
  for (std::uint32_t i = 1; i < nodes.size(); ++i) {
    bool match = false;
    if (nodes[i].kind == CallNode::Kind::kFunction) {
      const auto [known, is_new] = names.try_emplace(nodes[i].function.value);
      if (is_new) known->second = matches(tree.name(i));
      match = known->second;
    }
    search.matches[i] = match;
    search.nodes += match ? 1 : 0;
    if (match && !covered[nodes[i].parent]) search.cost.add(nodes[i].inclusive);
    covered[i] = match || covered[nodes[i].parent];
  }
  return search;
}

}  // namespace memoir
