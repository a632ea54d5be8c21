#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/details_pane.h"
#include "viewer/file_dialog.h"
#include "viewer/filter_box.h"
#include "viewer/help.h"
#include "viewer/icons.h"
#include "viewer/marks.h"
#include "viewer/menu.h"
#include "viewer/palette.h"
#include "viewer/timeline_pane.h"
#include "viewer/welcome.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr ImGuiWindowFlags kWholeWindow =
    ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
    ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
    ImGuiWindowFlags_NoNav;

std::string describe_state(const TraceFacts& facts) {
  switch (facts.run.state) {
    case TraceState::kComplete:
      return "";
    case TraceState::kCutShort:
      return "The recording was cut short: what was committed until then is here.";
    case TraceState::kGrowing:
      return "";
  }
  return "";
}

// What the reader of any figure must know first.
void draw_warnings(const TraceFacts& facts) {
  const auto warn = [](const char* name, const std::string& text) {
    ImGui::PushStyleColor(ImGuiCol_ChildBg, with_alpha(theme().warning, 0.14f));
    ImGui::BeginChild(name, {0, ImGui::GetFrameHeight()}, false,
                      ImGuiWindowFlags_NoScrollbar);
    ImGui::SetCursorPos(
        {scaled(8), (ImGui::GetFrameHeight() - ImGui::GetTextLineHeight()) / 2});
    coloured_text(theme().warning, icon_text(icon::kWarning));
    ImGui::SameLine();
    text_line(text);
    ImGui::EndChild();
    mark(name, text);
    ImGui::PopStyleColor();
  };
  if (const std::string state = describe_state(facts); !state.empty()) {
    warn("warning.state", state);
  }
  if (facts.run.total.dropped > 0) {
    warn("warning.dropped",
         fmt::format("{} were lost, because the collector could not follow: figures are "
                     "lower bounds. Record with a larger ring: memoir run --option "
                     "ring_kib=65536",
                     format_things(facts.run.total.dropped, "event")));
  }
  if (facts.addresses > 0 && facts.unnamed * 2 > facts.addresses) {
    warn("warning.symbols",
         fmt::format("{} of {} addresses have no names: build with -g, or install the "
                     "debug symbols of the libraries, and record again",
                     format_count(facts.unnamed), format_count(facts.addresses)));
  }
  if (facts.run.total.stacks_cut) {
    warn("warning.stacks",
         "Some stacks lack their innermost frames: record with --option "
         "depot_nodes=8000000");
  }
}

bool tab_titles_fit() {
  const ImGuiStyle& style = ImGui::GetStyle();
  float width = 0;
  for (const PanelRow& row : all_panels()) {
    const std::string title = fmt::format("{}  {}", row.icon, row.title);
    width += ImGui::CalcTextSize(title.c_str()).x + style.FramePadding.x * 2 +
             style.ItemInnerSpacing.x + scaled(4);  // before any of them is cut
  }
  return width <= ImGui::GetContentRegionAvail().x;
}

}  // namespace

void App::draw() {
  if (session_) session_->poll();
  if (other_session_) {
    other_session_->poll();
    report_other_session();
  }
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(ImGui::GetIO().DisplaySize);
  ImGui::Begin("memoir", nullptr, kWholeWindow);
  draw_top_bar();
  if (!session_) {
    draw_welcome();
  } else if (!session_->error().empty()) {
    draw_failure();
  } else if (session_->facts() == nullptr) {
    draw_opening();
  } else {
    draw_trace();
  }
  draw_status_bar();
  draw_notice();
  ImGui::End();

  const std::vector<std::filesystem::path> chosen = dialog_->draw(settings_);
  if (!chosen.empty()) dialog_compares_ ? open_to_compare(chosen[0]) : open_files(chosen);
  palette_->draw(*this);
  draw_help(help_is_open_);
  // What nobody took.
  for (const Command command : std::exchange(commands_, {})) say_no_effect(command);
}

// A trace that cannot be compared leaves the one that is open as it is.
void App::report_other_session() {
  if (other_session_->error().empty()) return;
  notify(other_session_->error(), true);
  other_session_.reset();
}

void App::draw_top_bar() {
  draw_menu(*this);
  ImGui::SameLine();
  if (icon_button(icon::kOpen, "Open", "Open a trace  (Ctrl+O)")) perform(Command::kOpen);
  mark("top.open");
  ImGui::SameLine();
  if (icon_button(icon::kCompare, "Compare",
                  "Compare with another trace  (Ctrl+Shift+O)")) {
    perform(Command::kOpenToCompare);
  }
  mark("top.compare");
  ImGui::SameLine();
  if (icon_button(icon::kSearch, "Find", "All commands and functions  (Ctrl+P)")) {
    perform(Command::kPalette);
  }
  mark("top.find");
  ImGui::SameLine();
  if (icon_button(icon::kBack, "##back", "Back  (Alt+Left)")) history_.back();
  mark("top.back");
  ImGui::SameLine(0, scaled(2));
  if (icon_button(icon::kForward, "##forward", "Forward  (Alt+Right)"))
    history_.forward();
  mark("top.forward");
  const TraceFacts* facts = session_ ? session_->facts() : nullptr;
  if (facts == nullptr) return;

  ImGui::SameLine(0, scaled(16));
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(session_->path().filename().c_str());
  tooltip(fmt::format("{}\n{}\nrecorded {} on {}", session_->path().string(),
                      facts->command, facts->started_at, facts->host));
  if (facts->run.state == TraceState::kGrowing) {
    ImGui::SameLine(0, scaled(16));
    const bool follows = session_->is_following();
    if (link(fmt::format("{}  {}", icon_text(follows ? icon::kLive : icon::kPause),
                         follows ? "LIVE" : "paused"),
             "top.live")) {
      session_->set_following(!follows);
    }
  }
  const ProcessSummary& total = facts->run.total;
  ImGui::SameLine(0, scaled(16));
  const std::string summary =
      fmt::format("{}   |   {}   |   peak {}   |   leaked {}",
                  format_things(total.events, "event"), format_duration(facts->span),
                  format_bytes(total.peak_bytes), format_bytes(total.live_bytes));
  ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
  text_line(summary);
  ImGui::PopStyleColor();
  mark("top.summary", summary);
}

void App::draw_opening() {
  empty_state(
      icon::kClock, theme().faint_text, "Opening " + session_->path().string(),
      "A recording that was cut short is completed first: its addresses get their "
      "names.");
  const float done = session_->opening_progress();
  ImGui::SetCursorPosX(ImGui::GetContentRegionAvail().x / 3);
  ImGui::ProgressBar(std::max(done, 0.0f), {ImGui::GetContentRegionAvail().x / 2, 0});
  ImGui::SetCursorPosX(ImGui::GetContentRegionAvail().x / 2);
  if (ImGui::Button("Cancel")) close();
  mark("opening.cancel");
}

void App::draw_failure() {
  empty_state(icon::kWarning, theme().warning, "This trace cannot be opened",
              session_->error());
  ImGui::SetCursorPosX(ImGui::GetContentRegionAvail().x / 2 - scaled(60));
  if (ImGui::Button("Open another")) perform(Command::kOpen);
  mark("failure.open");
  ImGui::SameLine();
  if (ImGui::Button("Close")) close();
  mark("failure.close");
}

void App::draw_welcome() {
  const std::optional<std::filesystem::path> chosen = memoir::draw_welcome(settings_);
  if (chosen) open(*chosen);
}

void App::draw_trace() {
  draw_warnings(*session_->facts());
  PanelContext context{*this, *session_};
  const float most = std::max(scaled(80), ImGui::GetContentRegionAvail().y * 0.6f);
  float height = std::min(scaled(settings_.timeline_height), most);
  ImGui::BeginChild("timeline", {0, height}, true, ImGuiWindowFlags_NoScrollWithMouse);
  timeline_->draw(context);
  ImGui::EndChild();
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() - ImGui::GetStyle().ItemSpacing.y);
  if (horizontal_splitter("split.timeline", &height, scaled(60), most)) {
    settings_.timeline_height = height / scaled(1);
  }
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() - ImGui::GetStyle().ItemSpacing.y);
  draw_panels();
}

// The call stack of nothing needs no room, where there is little.
bool App::details_are_shown(float room) const {
  if (!settings_.details_are_open) return false;
  return room >= scaled(1000) || view().has_selection();
}

void App::draw_panels() {
  const float bar = ImGui::GetFrameHeightWithSpacing();
  if (ImGui::BeginTabBar("panels", ImGuiTabBarFlags_FittingPolicyResizeDown)) {
    const bool has_titles = tab_titles_fit();
    for (const PanelRow& row : all_panels()) {
      const bool is_current = row.id == view().panel;
      // The view decides: the tab bar only shows it, and tells of clicks.
      const std::string title =
          has_titles || is_current
              ? fmt::format("{}  {}###{}", row.icon, row.title, row.name)
              : fmt::format("{}###{}", row.icon, row.name);
      if (ImGui::TabItemButton(title.c_str(), ImGuiTabItemFlags_NoTooltip)) go(row.id);
      if (!has_titles && !is_current) tooltip(row.title);
      mark(std::string("tab.") + row.name, is_current ? "current" : "");
      if (is_current) {
        const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
        ImGui::GetWindowDrawList()->AddRectFilled({min.x, max.y - scaled(2)}, max,
                                                  theme().accent);
      }
    }
    ImGui::EndTabBar();
  }
  filter_box_->draw(*this);
  PanelContext context{*this, *session_};
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float height = room.y - bar;
  const bool has_details = details_are_shown(room.x);
  float width = has_details ? std::round(room.x * (1 - settings_.details_width)) : room.x;
  ImGui::BeginChild("panel", {width, height}, true);
  panels_[static_cast<std::size_t>(view().panel)]->draw(context);
  ImGui::EndChild();
  if (!has_details) return;
  ImGui::SameLine(0, 0);
  ImGui::BeginGroup();
  ImGui::BeginChild("split", {scaled(6), height});
  const bool is_moved =
      vertical_splitter("split.details", &width, room.x * 0.2f, room.x * 0.85f);
  if (is_moved) settings_.details_width = 1 - width / room.x;
  ImGui::EndChild();
  ImGui::EndGroup();
  ImGui::SameLine(0, 0);
  ImGui::BeginChild("details", {0, height}, true);
  details_->draw(context);
  ImGui::EndChild();
}

void App::draw_status_bar() {
  const float height = ImGui::GetTextLineHeight() + scaled(4);
  ImGui::SetCursorPosY(ImGui::GetWindowHeight() - height - scaled(6));
  std::vector<std::shared_ptr<Query>> jobs;
  for (TraceSession* session : {session_.get(), other_session_.get()}) {
    if (session == nullptr) continue;
    for (Worker* worker : {&session->worker(), &session->scanner()}) {
      for (auto& job : worker->queries()) jobs.push_back(std::move(job));
    }
  }
  if (jobs.empty()) {
    faint_text("ready");
    mark("status.ready", "ready");
  } else {
    const float done = jobs[0]->progress;
    const std::string text = fmt::format(
        "{}{}", jobs[0]->what, done >= 0 ? fmt::format("  {:.0f} %", done * 100.0f) : "");
    faint_text(text);
    mark("status.job", text);
    ImGui::SameLine();
    if (link("cancel", "status.cancel")) jobs[0]->stop.request_stop();
  }
  if (session_ && session_->facts() != nullptr) draw_chips(*this);
  const std::string hints = "F1 keys   Ctrl+P find   1-9 panels   / filter   J/K rows";
  const float width = ImGui::CalcTextSize(hints.c_str()).x;
  ImGui::SameLine(ImGui::GetWindowWidth() - width - scaled(12));
  if (ImGui::GetItemRectMax().x + scaled(16) < ImGui::GetWindowWidth() - width) {
    faint_text(hints);
  }
}

void App::draw_notice() {
  if (log_.empty() || ImGui::GetTime() >= notice_until_) return;
  const LogEntry& entry = log_.back();
  const ImVec2 size =
      ImGui::CalcTextSize(entry.text.c_str(), nullptr, false, ImGui::GetFontSize() * 40);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const ImVec2 at = {display.x - size.x - scaled(40), display.y - size.y - scaled(60)};
  ImDrawList* list = ImGui::GetForegroundDrawList();
  const ImVec2 end = {at.x + size.x + scaled(24), at.y + size.y + scaled(16)};
  list->AddRectFilled(at, end, theme().panel, scaled(4));
  list->AddRect(at, end, entry.is_error ? theme().warning : theme().accent, scaled(4));
  list->AddText(nullptr, 0, {at.x + scaled(12), at.y + scaled(8)}, theme().text,
                entry.text.c_str(), nullptr, ImGui::GetFontSize() * 40);
  mark_area("notice", at, end, entry.text);
}

}  // namespace memoir
