#pragma once

// What a person looks at: one panel, one filter, one stretch of time, one selection, that
// all panels share; and the way back to what was looked at before.
//
// Thread safety: the thread that draws.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trace/ids.h"

namespace memoir {

enum class PanelId {
#define MEMOIR_PANEL(id, name, title, icon) id,
#include "viewer/panels.inc"
#undef MEMOIR_PANEL
};

struct PanelRow {
  PanelId id;
  const char* name;
  const char* title;
  const char* icon;  // UTF-8
};

const std::vector<PanelRow>& all_panels();
const PanelRow& panel_row(PanelId panel);
std::optional<PanelId> parse_panel(std::string_view name);

// Times are nanoseconds since the trace began.
struct TimeRange {
  std::uint64_t begin = 0, end = 0;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

struct View {
  PanelId panel = PanelId::kSummary;
  std::string filter;
  std::optional<ProcessId> process;     // none: all
  std::optional<TimeRange> range;       // none: the whole time
  std::optional<std::uint64_t> moment;  // the cursor of the timeline

  // What is selected. Panels set what they know of, and clear the rest.
  TraceStackId stack;
  std::string function;
  std::optional<std::uint64_t> address;
  std::optional<std::size_t> fault;  // its place in the report
  std::string file;
  std::int64_t line = 0;

  void clear_selection();
  bool has_selection() const;
  friend bool operator==(const View&, const View&) = default;
};

// Back and forward, as in a web browser.
class ViewHistory {
 public:
  const View& current() const { return views_[at_]; }
  // Does nothing when it is the current one.
  void go(const View& view);
  // For what is no step of its own, like a selection that moves by keys.
  void replace(const View& view) { views_[at_] = view; }
  bool can_go_back() const { return at_ > 0; }
  bool can_go_forward() const { return at_ + 1 < views_.size(); }
  void back();
  void forward();
  void clear();

 private:
  std::vector<View> views_ = {View()};
  std::size_t at_ = 0;
};

}  // namespace memoir
