#pragma once

// Draws the heap over time into what is left of the current window: where a time and a
// number of bytes lie in it, and everything that is drawn there.
//
// Thread safety: the thread that draws.

#include <imgui.h>

#include <cstdint>
#include <span>
#include <string>

#include "analyze/timeline.h"
#include "viewer/view.h"

namespace memoir {

class TimelinePicture {
 public:
  explicit TimelinePicture(const TimeRange& seen);

  ImVec2 min, max;
  ImVec2 size() const { return {max.x - min.x, max.y - min.y}; }
  std::uint64_t time_at(float x) const;

  // As high as the largest of them.
  void fit(std::span<const TimelinePoint> points, std::span<const MemoryPoint> memory);

  void draw_axes() const;
  // What was so after the last of them stays so until `end`.
  void draw_heap(std::span<const TimelinePoint> points, std::uint64_t end) const;
  void draw_memory(std::span<const MemoryPoint> memory) const;
  void draw_marks(std::span<const Mark> marks) const;
  void draw_faults(std::span<const std::uint64_t> times) const;
  void draw_range(const TimeRange& range) const;
  void draw_moment(std::uint64_t t) const;
  // What was so where the mouse is.
  void draw_hover(std::span<const TimelinePoint> points,
                  std::span<const MemoryPoint> memory) const;

 private:
  float x_of(std::uint64_t t) const;
  float y_of(double bytes) const;

  TimeRange seen_;
  double most_ = 1;       // bytes, at the top
  bool has_rss_ = false;  // there is room to draw it without flattening the heap
  ImDrawList* list_;
};

}  // namespace memoir
