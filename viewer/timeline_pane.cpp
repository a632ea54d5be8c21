#include "viewer/timeline_pane.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "analyze/fine_buckets.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/timeline_picture.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr double kNotch = 1.25;  // a turn of the wheel, as Tracy has it
constexpr float kClickDistance = 4;
// In sight, with that few events, each of them is drawn.
constexpr std::uint64_t kMostSteps = 16'384;
// More are indexed for panels that cannot do without, not for steps alone: it takes
// seconds, in which other questions wait.
constexpr std::uint64_t kMostIndexed = 20'000'000;

}  // namespace

void TimelinePane::forget() {
  coarse_.forget();
  fine_.forget();
  steps_.forget();
  faults_.forget();
  points_.clear();
  points_version_ = 0;
  seen_begin_ = seen_end_ = whole_end_ = 0;
  shows_all_ = true;
  drag_from_.reset();
}

void TimelinePane::show(const TimeRange& range) {
  seen_begin_ = range.begin;
  seen_end_ = std::max(range.end, range.begin + 1);
  shows_all_ = range.begin == 0 && range.end >= whole_end_;
}

void TimelinePane::ask(PanelContext& context) {
  const std::optional<ProcessId> only = context.app.view().process;
  const std::string key =
      context.session.key(fmt::format("timeline {}", only ? only->value : 0));
  const auto load = [only](unsigned finest) {
    return [only, finest](QueryContext& query) {
      return Timeline::load(query.database(), only, finest, query.job());
    };
  };
  coarse_.ask(context.session.worker(), key, "Reading the timeline",
              load(Timeline::kCoarse));
  if (coarse_.is_current()) {
    fine_.ask(context.session.scanner(), key, "Reading the timeline's details",
              [only, path = context.session.path()](QueryContext& query) {
                return load_fine_timeline(path, query.database(), only, query.job());
              });
  }
  faults_.ask(context.session.worker(), key, "Reading when errors happened",
              [only](QueryContext& query) {
                std::vector<std::uint64_t> times;
                Statement rows = query.database().prepare(
                    "SELECT t FROM fault WHERE ?1 IS NULL OR process = ?1 ORDER BY t");
                only ? rows.bind(0, only->value) : rows.bind_null(0);
                while (rows.step()) times.push_back(rows.natural(0));
                return times;
              });
}

// Where so few events are in sight that buckets of the collector would make blocks of
// them. Somewhat more time is asked for, so that small moves find an answer that is
// there.
void TimelinePane::ask_for_steps(PanelContext& context) {
  const auto processes = timeline()->process_events();
  if (fine_.value() == nullptr || processes.size() != 1) return;
  if (bucket_events_ > kMostSteps || points_.empty()) return;
  if (events_per_bucket(processes.front().second) == 1) return;  // it has them all
  const PanelId panel = context.app.view().panel;
  if (processes.front().second > kMostIndexed && panel != PanelId::kAllocations &&
      panel != PanelId::kMap) {
    return;
  }
  const ProcessId process = processes.front().first;
  auto& index = context.session.index(process);
  if (index.value() == nullptr) return;
  const std::uint64_t unit = std::bit_ceil(seen_end_ - seen_begin_);
  const TimeRange range = {seen_begin_ / unit * unit, (seen_begin_ / unit + 2) * unit};
  steps_.ask(context.session.scanner(),
             context.session.key(fmt::format("steps {} {} {} {}", process.value,
                                             index.version(), range.begin, range.end)),
             "Reading single events", [=, events = *index.value()](QueryContext& query) {
               const std::uint64_t end = events->view().moment_at(range.end);
               std::uint64_t begin = events->view().moment_at(range.begin);
               if (begin > 0) --begin;  // what was so before the first of them
               return Steps{process, range,
                            fine_buckets(*events, begin, end,
                                         events_per_bucket(end - begin), query.job())};
             });
}

const TimelinePane::Steps* TimelinePane::steps(PanelContext& context) const {
  const Steps* steps = steps_.value();
  if (steps == nullptr || bucket_events_ > kMostSteps) return nullptr;
  if (seen_begin_ < steps->range.begin || seen_end_ > steps->range.end) return nullptr;
  const std::optional<ProcessId> only = context.app.view().process;
  return !only || *only == steps->process ? steps : nullptr;
}

void TimelinePane::collect_points(PanelContext& context, std::size_t width) {
  const std::uint64_t version =
      coarse_.version() * 1'000'000 + fine_.version() * 1000 + steps_.version();
  const TimeRange range = seen();
  if (version == points_version_ && range == points_range_ && width == points_width_) {
    return;
  }
  points_ = timeline()->points(range.begin, range.end, width);
  bucket_events_ = 0;
  for (const TimelinePoint& point : points_) {
    bucket_events_ += point.allocations + point.frees;
  }
  if (const Steps* fine = steps(context)) {
    const auto& all = fine->points;
    auto first = std::ranges::lower_bound(all, range.begin, {}, &TimelinePoint::t0);
    const auto last = std::ranges::upper_bound(all, range.end, {}, &TimelinePoint::t0);
    if (first != all.begin()) --first;
    if (first != last) points_.assign(first, last);
  }
  memory_ = timeline()->memory(range.begin, range.end, width);
  points_version_ = version;
  points_range_ = range;
  points_width_ = width;
}

// A trace that grows moves on, unless somebody looks at a part of it.
void TimelinePane::follow(std::uint64_t end) {
  whole_end_ = std::max<std::uint64_t>(end, 1);
  if (shows_all_) {
    seen_begin_ = 0;
    seen_end_ = whole_end_;
  }
}

void TimelinePane::zoom(double factor, std::uint64_t around) {
  const double length = static_cast<double>(seen_end_ - seen_begin_);
  const double wanted =
      std::clamp(length / factor, 1000.0, static_cast<double>(whole_end_));
  const double left = static_cast<double>(around - seen_begin_) / length;
  const double begin = std::clamp(static_cast<double>(around) - wanted * left, 0.0,
                                  static_cast<double>(whole_end_) - wanted);
  show({static_cast<std::uint64_t>(std::max(begin, 0.0)),
        static_cast<std::uint64_t>(begin + wanted)});
}

void TimelinePane::pan(double part) {
  const double length = static_cast<double>(seen_end_ - seen_begin_);
  const double begin = std::clamp(static_cast<double>(seen_begin_) + part * length, 0.0,
                                  static_cast<double>(whole_end_) - length);
  show({static_cast<std::uint64_t>(std::max(begin, 0.0)),
        static_cast<std::uint64_t>(begin + length)});
}

void TimelinePane::move_by_keys(App& app) {
  const View& view = app.view();
  const std::uint64_t middle = seen_begin_ + (seen_end_ - seen_begin_) / 2;
  if (app.take(Command::kZoomIn)) zoom(kNotch, view.moment.value_or(middle));
  if (app.take(Command::kZoomOut)) zoom(1 / kNotch, view.moment.value_or(middle));
  if (app.take(Command::kPanLeft)) pan(-0.2);
  if (app.take(Command::kPanRight)) pan(0.2);
  if (app.take(Command::kFit)) show({0, whole_end_});
  if (view.range && app.take(Command::kFitRange)) show(*view.range);
  if (timeline() == nullptr) return;
  const std::uint64_t from = view.moment.value_or(0);
  const std::vector<Mark> marks = timeline()->marks(0, whole_end_);
  std::optional<std::uint64_t> to;
  const auto next_mark =
      std::ranges::find_if(marks, [&](const Mark& m) { return m.t > from; });
  const auto this_mark =
      std::ranges::find_if(marks, [&](const Mark& m) { return m.t >= from; });
  if (next_mark != marks.end() && app.take(Command::kNextMark)) to = next_mark->t;
  if (this_mark != marks.begin() && app.take(Command::kPreviousMark)) {
    to = std::prev(this_mark)->t;
  }
  if (!to) return;
  View next = view;
  next.moment = to;
  app.go(next);
}

void TimelinePane::move_by_mouse(PanelContext& context, const TimelinePicture& picture) {
  const ImGuiIO& io = ImGui::GetIO();
  ImGui::SetCursorScreenPos(picture.min);
  ImGui::InvisibleButton(
      "picture", picture.size(),
      ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
  mark("timeline", fmt::format("{} {}", seen_begin_, seen_end_));
  const std::uint64_t at = picture.time_at(io.MousePos.x);
  if (ImGui::IsItemHovered() && io.MouseWheel != 0) {
    const double notch = io.KeyCtrl ? 1.05 : io.KeyShift ? 1.5 : kNotch;
    zoom(std::pow(notch, io.MouseWheel), at);
  }
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Right, 0)) {
    pan(-io.MouseDelta.x / picture.size().x);
  }
  if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    drag_from_.reset();
    return show({0, whole_end_});
  }
  if (ImGui::IsItemActivated() && io.MouseDown[ImGuiMouseButton_Left]) drag_from_ = at;
  if (!drag_from_) return;
  const ImVec2 moved = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
  const bool is_drag = std::abs(moved.x) > scaled(kClickDistance);
  const TimeRange range = {std::min(*drag_from_, at), std::max(*drag_from_, at)};
  if (is_drag) picture.draw_range(range);
  if (io.MouseDown[ImGuiMouseButton_Left]) return;
  View next = context.app.view();
  if (is_drag) {
    next.range = range;
  } else {
    next.moment = *drag_from_;
  }
  drag_from_.reset();
  context.app.go(next);
}

void TimelinePane::draw(PanelContext& context) {
  ask(context);
  follow(context.session.facts()->span);
  move_by_keys(context.app);
  if (!answer_is_there(coarse_, coarse_.value() != nullptr)) return;
  if (timeline()->events() == 0) {
    empty_state(icon::kTimeline, theme().faint_text, "Nothing was allocated", "");
    return;
  }
  TimelinePicture picture({seen_begin_, seen_end_});
  const auto width = static_cast<std::size_t>(picture.size().x);
  collect_points(context, width);
  ask_for_steps(context);
  const TimeRange range = seen();
  picture.fit(points_, memory_);
  picture.draw_axes();
  picture.draw_heap(points_, std::min(timeline()->end(), range.end));
  picture.draw_memory(memory_);
  picture.draw_marks(timeline()->marks(range.begin, range.end));
  if (faults_.value() != nullptr) picture.draw_faults(*faults_.value());
  const View& view = context.app.view();
  if (view.range) picture.draw_range(*view.range);
  if (view.moment) picture.draw_moment(*view.moment);
  move_by_mouse(context, picture);
  if (ImGui::IsItemHovered() && !drag_from_) picture.draw_hover(points_, memory_);
}

}  // namespace memoir
