#pragma once

// The heap over time, always in sight: what was live, the memory as the kernel counts it,
// marks and memory errors. Here people choose the moment and the stretch of time that the
// panels answer for.
//
// Thread safety: the thread that draws.

#include <imgui.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "analyze/timeline.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/timeline_picture.h"

namespace memoir {

class TimelinePane {
 public:
  void draw(PanelContext& context);
  bool is_waiting() const {
    return coarse_.is_running() || fine_.is_running() || steps_.is_running();
  }
  void forget();

  // What is seen; the whole time before anything was zoomed.
  TimeRange seen() const { return {seen_begin_, seen_end_}; }
  void show(const TimeRange& range);

 private:
  // Single events of a stretch of time.
  struct Steps {
    ProcessId process;
    TimeRange range;
    std::vector<TimelinePoint> points;
  };

  void ask(PanelContext& context);
  void ask_for_steps(PanelContext& context);
  // The steps that stand for what is seen, null where there are none.
  const Steps* steps(PanelContext& context) const;
  void collect_points(PanelContext& context, std::size_t width);
  const Timeline* timeline() const {
    return fine_.value() ? fine_.value() : coarse_.value();
  }
  void follow(std::uint64_t end);
  void move_by_keys(App& app);
  void move_by_mouse(PanelContext& context, const TimelinePicture& picture);
  void zoom(double factor, std::uint64_t around);
  void pan(double part);

  Answer<Timeline> coarse_, fine_;
  Answer<Steps> steps_;
  Answer<std::vector<std::uint64_t>> faults_;  // their times
  std::uint64_t seen_begin_ = 0, seen_end_ = 0, whole_end_ = 0;
  bool shows_all_ = true;
  std::optional<std::uint64_t> drag_from_;
  // What was drawn last, to be drawn again as long as nothing changes.
  std::vector<TimelinePoint> points_;
  std::vector<MemoryPoint> memory_;
  std::uint64_t points_version_ = 0, bucket_events_ = 0;
  TimeRange points_range_;
  std::size_t points_width_ = 0;
};

}  // namespace memoir
