#include "viewer/timeline_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "analyze/units.h"
#include "viewer/icons.h"
#include "viewer/marks.h"
#include "viewer/theme.h"

namespace memoir {
namespace {

// 1, 2 or 5 times a power of ten, at least `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(std::max(least, 1.0))));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (power * factor >= least) return power * factor;
  }
  return power * 10;
}

// The same in bytes: a power of two.
double round_bytes(double least) {
  return std::exp2(std::ceil(std::log2(std::max(least, 1.0))));
}

// With as many digits as tell one tick from the next.
std::string tick_text(double t, double step) {
  if (step >= 1e9) return fmt::format("{:.0f} s", t / 1e9);
  if (step >= 1e6) {
    return t >= 1e9 ? fmt::format("{:.{}f} s", t / 1e9,
                                  step >= 1e8   ? 1
                                  : step >= 1e7 ? 2
                                                : 3)
                    : fmt::format("{:.0f} ms", t / 1e6);
  }
  if (step >= 1e3)
    return fmt::format("{:.{}f} ms", t / 1e6, step >= 1e5 ? 1 : step >= 1e4 ? 2 : 3);
  return fmt::format("{:.0f} ns", t);
}

}  // namespace

TimelinePicture::TimelinePicture(const TimeRange& seen)
    : seen_(seen), list_(ImGui::GetWindowDrawList()) {
  min = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  max = {min.x + std::max(room.x, 1.0f), min.y + std::max(room.y, 1.0f)};
}

float TimelinePicture::x_of(std::uint64_t t) const {
  const double part = (static_cast<double>(t) - static_cast<double>(seen_.begin)) /
                      static_cast<double>(seen_.end - seen_.begin);
  return min.x + static_cast<float>(std::clamp(part, -0.01, 1.01)) * size().x;
}

float TimelinePicture::y_of(double bytes) const {
  const float bottom = max.y - ImGui::GetTextLineHeight() - scaled(2);
  const float top = min.y + ImGui::GetTextLineHeight() * 0.5f;
  return bottom - static_cast<float>(std::min(bytes / most_, 1.0)) * (bottom - top);
}

std::uint64_t TimelinePicture::time_at(float x) const {
  const double part = std::clamp((x - min.x) / size().x, 0.0f, 1.0f);
  return seen_.begin +
         static_cast<std::uint64_t>(part * static_cast<double>(seen_.end - seen_.begin));
}

void TimelinePicture::fit(std::span<const TimelinePoint> points,
                          std::span<const MemoryPoint> memory) {
  double heap = 1, rss = 0;
  for (const TimelinePoint& point : points) {
    heap = std::max(heap, static_cast<double>(point.live_max));
  }
  for (const MemoryPoint& point : memory) {
    rss = std::max(rss, static_cast<double>(point.rss));
  }
  has_rss_ = rss > 0 && rss < heap * 3;
  most_ = std::max(heap, has_rss_ ? rss : 0) * 1.05;
}

void TimelinePicture::draw_axes() const {
  const Theme& colours = theme();
  const float lines = std::max(1.0f, std::floor(size().y / scaled(44)));
  const double step = round_bytes(most_ / lines / 1.5);
  for (double bytes = step; bytes < most_; bytes += step) {
    const float y = y_of(bytes);
    list_->AddLine({min.x, y}, {max.x, y}, colours.border);
    const std::string text = format_bytes(static_cast<std::uint64_t>(bytes));
    list_->AddText({min.x + scaled(4), y - ImGui::GetTextLineHeight()},
                   colours.faint_text, text.c_str());
  }
  const double span = static_cast<double>(seen_.end - seen_.begin);
  const double tick = round_step(span / std::max(1.0f, size().x / scaled(130)));
  const double first = std::ceil(static_cast<double>(seen_.begin) / tick) * tick;
  for (double t = first; t <= static_cast<double>(seen_.end); t += tick) {
    const float x = x_of(static_cast<std::uint64_t>(t));
    const std::string text = tick_text(t, tick);
    const float width = ImGui::CalcTextSize(text.c_str()).x;
    list_->AddLine({x, y_of(0)}, {x, y_of(0) + scaled(4)}, colours.faint_text);
    list_->AddText({std::clamp(x - width / 2, min.x, max.x - width),
                    max.y - ImGui::GetTextLineHeight()},
                   colours.faint_text, text.c_str());
  }
}

void TimelinePicture::draw_heap(std::span<const TimelinePoint> points,
                                std::uint64_t end) const {
  // Pixel by pixel: however many points meet one, it is drawn once; where the next one
  // has the same bounds, with it.
  struct Column {
    std::uint64_t least = ~std::uint64_t{0}, most = 0;
    bool operator==(const Column&) const = default;
  };
  const float left = std::floor(min.x);
  std::vector<Column> columns(static_cast<std::size_t>(std::ceil(size().x)) + 1);
  const auto column_of = [&](std::uint64_t t) {
    const float x = std::floor(x_of(t)) - left;
    return std::min(static_cast<std::size_t>(std::max(x, 0.0f)), columns.size() - 1);
  };
  const auto widen = [](Column& column, std::uint64_t least, std::uint64_t most) {
    column.least = std::min(column.least, least);
    column.most = std::max(column.most, most);
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    const TimelinePoint& point = points[i];
    const std::size_t last = column_of(point.t1);
    for (std::size_t x = column_of(point.t0); x <= last; ++x) {
      widen(columns[x], point.live_min, point.live_max);
    }
    const std::size_t until =
        column_of(i + 1 < points.size() ? points[i + 1].t0 : std::max(end, point.t1));
    for (std::size_t x = last + 1; x <= until; ++x) {
      widen(columns[x], point.live_end, point.live_end);
    }
  }
  const float bottom = y_of(0);
  for (std::size_t first = 0, next = 0; first < columns.size(); first = next) {
    const Column column = columns[first];
    while (next < columns.size() && columns[next] == column) ++next;
    if (column.least > column.most) continue;
    const float x0 = left + static_cast<float>(first),
                x1 = left + static_cast<float>(next);
    const float high = std::floor(y_of(static_cast<double>(column.most)));
    const float low =
        std::max(std::floor(y_of(static_cast<double>(column.least))), high + 1);
    list_->AddRectFilled({x0, low}, {x1, bottom}, theme().live_fill);
    list_->AddRectFilled({x0, high}, {x1, low}, theme().live);
  }
}

void TimelinePicture::draw_memory(std::span<const MemoryPoint> memory) const {
  if (!has_rss_) return;
  const ImU32 colour = theme().faint_text;
  for (std::size_t i = 1; i < memory.size(); ++i) {
    list_->AddLine({x_of(memory[i - 1].t), y_of(static_cast<double>(memory[i - 1].rss))},
                   {x_of(memory[i].t), y_of(static_cast<double>(memory[i].rss))},
                   with_alpha(colour, 0.8f), 1);
  }
}

void TimelinePicture::draw_marks(std::span<const Mark> marks) const {
  float last = -1e9f;
  for (const Mark& mark : marks) {
    const float x = x_of(mark.t);
    list_->AddLine({x, min.y}, {x, y_of(0)}, with_alpha(theme().accent, 0.5f));
    if (x - last < scaled(60)) continue;  // names would cover each other
    last = x;
    list_->AddText({x + scaled(3), min.y}, theme().accent, mark.name.c_str());
  }
}

void TimelinePicture::draw_faults(std::span<const std::uint64_t> times) const {
  float last = -1e9f;
  for (const std::uint64_t t : times) {
    if (t < seen_.begin || t > seen_.end) continue;
    const float x = x_of(t);
    if (x - last < 2) continue;
    last = x;
    list_->AddLine({x, min.y}, {x, y_of(0)}, with_alpha(theme().fault, 0.6f));
    list_->AddTriangleFilled({x - scaled(5), min.y}, {x + scaled(5), min.y},
                             {x, min.y + scaled(8)}, theme().fault);
  }
}

void TimelinePicture::draw_range(const TimeRange& range) const {
  if (range.end < seen_.begin || range.begin > seen_.end) return;
  const float left = x_of(range.begin), right = x_of(range.end);
  list_->AddRectFilled({left, min.y}, {right, max.y}, theme().range);
  list_->AddLine({left, min.y}, {left, max.y}, theme().range_edge);
  list_->AddLine({right, min.y}, {right, max.y}, theme().range_edge);
}

void TimelinePicture::draw_moment(std::uint64_t t) const {
  if (t < seen_.begin || t > seen_.end) return;
  const float x = x_of(t);
  list_->AddLine({x, min.y}, {x, max.y}, theme().text, scaled(1));
  list_->AddTriangleFilled({x - scaled(4), max.y}, {x + scaled(4), max.y},
                           {x, max.y - scaled(6)}, theme().text);
}

void TimelinePicture::draw_hover(std::span<const TimelinePoint> points,
                                 std::span<const MemoryPoint> memory) const {
  const float x = ImGui::GetIO().MousePos.x;
  list_->AddLine({x, min.y}, {x, max.y}, with_alpha(theme().text, 0.25f));
  const std::uint64_t t = time_at(x);
  const auto after = std::ranges::upper_bound(points, t, {}, &TimelinePoint::t0);
  if (after == points.begin()) return;
  const TimelinePoint& point = *std::prev(after);
  std::string text =
      fmt::format("at {}\nlive {} in {}", format_time(t), format_bytes(point.live_end),
                  format_things(point.blocks_end, "block"));
  const std::string least = format_bytes(point.live_min),
                    most = format_bytes(point.live_max);
  if (least != most) text += fmt::format("\nbetween {} and {}", least, most);
  if (point.allocations + point.frees > 0) {
    text += fmt::format("\n{} of {}, {}", format_things(point.allocations, "allocation"),
                        format_bytes(point.allocated_bytes),
                        format_things(point.frees, "free"));
  }
  const auto sample = std::ranges::upper_bound(memory, t, {}, &MemoryPoint::t);
  if (sample != memory.begin()) {
    text += fmt::format("\nresident {}", format_bytes(std::prev(sample)->rss));
  }
  ImGui::SetTooltip("%s", text.c_str());
  mark_area("timeline.hover", min, max, text);
}

}  // namespace memoir
