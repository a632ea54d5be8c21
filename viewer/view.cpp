#include "viewer/view.h"

#include <algorithm>

#include "viewer/icons.h"

namespace memoir {
namespace {

constexpr std::size_t kMostViews = 200;

}  // namespace

const std::vector<PanelRow>& all_panels() {
  static const std::vector<PanelRow> panels = {
#define MEMOIR_PANEL(id, name, title, sign) \
  {PanelId::id, name, title, icon_text(icon::sign)},
#include "viewer/panels.inc"
#undef MEMOIR_PANEL
  };
  return panels;
}

const PanelRow& panel_row(PanelId panel) {
  return all_panels()[static_cast<std::size_t>(panel)];
}

std::optional<PanelId> parse_panel(std::string_view name) {
  for (const PanelRow& row : all_panels()) {
    if (row.name == name) return row.id;
  }
  return std::nullopt;
}

bool View::has_selection() const {
  View nothing = *this;
  nothing.clear_selection();
  return !(nothing == *this);
}

void View::clear_selection() {
  stack = {};
  function.clear();
  address.reset();
  fault.reset();
  file.clear();
  line = 0;
}

void ViewHistory::go(const View& view) {
  if (view == current()) return;
  views_.resize(at_ + 1);
  views_.push_back(view);
  if (views_.size() > kMostViews) views_.erase(views_.begin());
  at_ = views_.size() - 1;
}

void ViewHistory::back() {
  if (can_go_back()) --at_;
}

void ViewHistory::forward() {
  if (can_go_forward()) ++at_;
}

void ViewHistory::clear() {
  views_ = {View()};
  at_ = 0;
}

}  // namespace memoir
