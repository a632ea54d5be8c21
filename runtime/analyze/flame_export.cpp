#include "analyze/flame_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

#include "analyze/flame_layout.h"
#include "analyze/short_name.h"
#include "analyze/units.h"

namespace memoir {
namespace {

constexpr double kRow = 18, kHead = 34, kMargin = 8, kCharacter = 6.6;

// Semicolons and line ends have a meaning.
std::string collapsed_name(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c == ';') c = ':';
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

// XML, whatever bytes a name has.
std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c < 0x20 || c == 0x7f ? '?' : text[i];
    }
  }
  return result;
}

// Bytes that are no UTF-8 become question marks.
std::string valid_utf8(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    bool valid = length != 0 && i + length <= text.size();
    for (std::size_t k = 1; valid && k < length; ++k) {
      valid = (static_cast<unsigned char>(text[i + k]) & 0xc0) == 0x80;
    }
    // Too long forms and surrogates.
    if (valid && length == 3) {
      const auto second = static_cast<unsigned char>(text[i + 1]);
      valid = !(lead == 0xe0 && second < 0xa0) && !(lead == 0xed && second >= 0xa0);
    }
    if (valid && length == 4) {
      const auto second = static_cast<unsigned char>(text[i + 1]);
      valid = !(lead == 0xf0 && second < 0x90) && !(lead == 0xf4 && second >= 0x90);
    }
    if (valid) {
      result += text.substr(i, length);
      i += length;
    } else {
      result += '?';
      ++i;
    }
  }
  return result;
}

std::string figure(std::int64_t value, bool bytes) {
  const std::uint64_t size = value < 0
                                 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                                 : static_cast<std::uint64_t>(value);
  return (value < 0 ? "-" : "") + (bytes ? format_bytes(size) : format_count(size));
}

// The same function has the same colour in every picture.
std::string warm_colour(std::string_view name) {
  std::uint32_t hash = 2166136261;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return fmt::format("rgb({},{},{})", 205 + hash % 50, 80 + (hash >> 8) % 130,
                     30 + (hash >> 16) % 50);
}

std::string difference_colour(const Cost& cost) {
  const double share =
      cost.weight == 0
          ? 0
          : std::clamp(static_cast<double>(cost.value) / static_cast<double>(cost.weight),
                       -1.0, 1.0);
  const auto rest = static_cast<int>(std::lround(235 - 155 * std::abs(share)));
  return share >= 0 ? fmt::format("rgb(235,{0},{0})", rest)
                    : fmt::format("rgb({0},{0},235)", rest);
}

// Whether the tree is one of differences: something was there before.
bool has_differences(const CallTree& tree) {
  const Cost& cost = tree.root().inclusive;
  return cost.before != 0 || cost.weight != cost.value;
}

}  // namespace

std::string collapsed_stacks(const CallTree& tree) {
  std::string text;
  std::vector<std::string> ways(tree.nodes().size());  // of the nodes that have children
  for (std::uint32_t i = 0; i < tree.nodes().size(); ++i) {
    const CallNode& node = tree.node(i);
    std::string way;
    if (i != 0) {
      const std::string& above = ways[node.parent];
      way = above + (above.empty() ? "" : ";") + collapsed_name(tree.name(i));
    }
    if (node.exclusive.value != 0) {
      text += fmt::format("{} {}\n", way.empty() ? collapsed_name(tree.name(0)) : way,
                          node.exclusive.value);
    }
    if (node.children != 0) ways[i] = std::move(way);
    // Whoever is the last child of its parent needs it no more.
    if (i != 0) {
      const CallNode& parent = tree.node(node.parent);
      if (i + 1 == parent.first_child + parent.children) ways[node.parent] = {};
    }
  }
  return text;
}

std::string flame_svg(const CallTree& tree, const SvgOptions& options) {
  FlameView view;
  view.width = options.width;
  view.min_pixels = options.min_pixels;
  view.most_rects = 50'000;
  const FlameLayout layout = lay_out_flame(tree, view);
  const double height = kHead + (layout.depth + 1) * kRow + kMargin;
  const bool differences = has_differences(tree);
  const std::int64_t total = tree.root().inclusive.weight;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\""
      " viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"monospace\" font-size=\"11\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
      "<text x=\"{2:.0f}\" y=\"22\" font-size=\"15\">{3}</text>\n",
      options.width + 2 * kMargin, height, kMargin, escaped(valid_utf8(options.title)));
  for (const FlameRect& rect : layout.rects) {
    const CallNode& node = tree.node(rect.node);
    const double width = rect.x1 - rect.x0;
    const std::uint32_t row = options.inverted ? rect.depth : layout.depth - rect.depth;
    const double y = kHead + row * kRow;
    const std::string name = valid_utf8(tree.name(rect.node));
    const std::string colour = rect.merged      ? "#cccccc"
                               : differences    ? difference_colour(node.inclusive)
                               : rect.node == 0 ? "#e0e0e0"
                                                : warm_colour(name);
    std::string title =
        name + ": " + figure(node.inclusive.value, options.bytes) +
        (differences
             ? ""
             : ", " + format_percent(static_cast<std::uint64_t>(node.inclusive.weight),
                                     static_cast<std::uint64_t>(total)));
    if (node.inclusive.count != 0) {
      title += ", " + figure(node.inclusive.count, false) + " blocks";
    }
    if (rect.merged) title.insert(0, "several functions, the largest: ");
    fmt::format_to(std::back_inserter(svg),
                   "<g><title>{}</title><rect x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\""
                   " height=\"{:.0f}\" fill=\"{}\"/>",
                   escaped(title), rect.x0 + kMargin, y, width, kRow - 1, colour);
    const auto room = static_cast<std::size_t>(std::max(0.0, (width - 6) / kCharacter));
    if (room >= 3 && !rect.merged) {
      fmt::format_to(std::back_inserter(svg), "<text x=\"{:.2f}\" y=\"{:.0f}\">{}</text>",
                     rect.x0 + kMargin + 3, y + kRow - 6,
                     escaped(short_name(name, room)));
    }
    svg += "</g>\n";
  }
  return svg + "</svg>\n";
}

}  // namespace memoir
