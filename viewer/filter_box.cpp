#include "viewer/filter_box.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/icons.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr std::size_t kMostProposals = 10;

// True when it was clicked away.
bool draw_chip(const char* name, const std::string& text) {
  ImGui::SameLine(0, scaled(12));
  return link(fmt::format("{}  {}", text, icon_text(icon::kClose)), name);
}

}  // namespace

void FilterBox::forget() {
  names_.forget();
  completion_.forget();
  text_.clear();
  is_active_ = false;
}

void FilterBox::ask(App& app) {
  TraceSession& session = *app.session();
  Answer<Stacks>& stacks = session.stacks();
  if (stacks.value() == nullptr) return;
  names_.ask(session.worker(), session.key("filter names"), "Reading names",
             [stacks = *stacks.value()](QueryContext& query) {
               return std::make_shared<const FilterNames>(
                   load_filter_names(query.database(), stacks));
             });
  if (names_.value() == nullptr) return;
  completion_.ask(session.worker(),
                  session.key(fmt::format("{}\n{}", cursor_, text_)), "Completing",
                  [names = *names_.value(), text = text_,
                   cursor = std::min(cursor_, text_.size())](QueryContext&) {
                    return complete_filter(text, cursor, *names, kMostProposals);
                  });
}

void FilterBox::draw(App& app) {
  const bool is_wanted = app.take_filter_focus() || std::exchange(takes_focus_, false);
  if (is_wanted) ImGui::SetKeyboardFocusHere();
  if (!is_active_) text_ = app.view().filter;
  ImGui::SetNextItemWidth(-1);
  const std::string hint =
      fmt::format("{}  filter: size>64k fn:parse -file:/usr age>2s thread:3 leaked",
                  icon_text(icon::kFilter));
  const float text_left = ImGui::GetCursorScreenPos().x + ImGui::GetStyle().FramePadding.x;
  const bool entered = ImGui::InputTextWithHint(
      "##filter", hint.c_str(), &text_,
      ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackAlways |
          ImGuiInputTextFlags_CallbackCompletion | ImGuiInputTextFlags_CallbackHistory,
      on_key, this);
  const bool was_active = std::exchange(is_active_, ImGui::IsItemActive() || is_wanted);
  const bool is_left = was_active && !is_active_ && !entered;
  mark("filter", text_);
  const ImVec2 below = {ImGui::GetItemRectMin().x, ImGui::GetItemRectMax().y};
  const float width = ImGui::GetItemRectSize().x;
  const ParsedFilter parsed = parse_filter(text_);
  if (parsed.error) draw_error(*parsed.error, text_left);
  if (is_active_) {
    ask(app);
    draw_proposals(below, width);
  }
  if (!entered && !is_left) return;
  if (clicked_) {
    takes_focus_ = is_active_ = true;  // the click took the focus away
    return;
  }
  is_active_ = false;
  View next = app.view();
  next.filter = text_;
  app.go(next);
}

void FilterBox::draw_error(const FilterError& error, float text_left) const {
  const std::string before = text_.substr(0, std::min(error.begin, text_.size()));
  const float x = text_left + ImGui::CalcTextSize(before.c_str()).x;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddTriangleFilled({x - scaled(4), at.y}, {x + scaled(4), at.y},
                          {x, at.y - scaled(6)}, theme().warning);
  coloured_text(theme().warning, icon_text(icon::kWarning));
  ImGui::SameLine();
  text_line(error.message);
  mark("filter.error", error.message);
}

int FilterBox::on_key(ImGuiInputTextCallbackData* data) {
  auto& box = *static_cast<FilterBox*>(data->UserData);
  const FilterCompletion* completion = box.completion_.value();
  const std::size_t count = completion != nullptr ? completion->proposals.size() : 0;
  if (data->EventFlag == ImGuiInputTextFlags_CallbackHistory && count > 0) {
    const bool is_down = data->EventKey == ImGuiKey_DownArrow;
    box.selected_ = (box.selected_ + (is_down ? 1 : count - 1)) % count;
  }
  if (data->EventFlag == ImGuiInputTextFlags_CallbackCompletion &&
      box.completion_.is_current() && box.selected_ < count) {
    box.take(data, box.selected_);
  }
  if (data->EventFlag == ImGuiInputTextFlags_CallbackAlways) {
    if (box.clicked_ && *box.clicked_ < count) box.take(data, *box.clicked_);
    box.clicked_.reset();
    const auto cursor = static_cast<std::size_t>(std::max(data->CursorPos, 0));
    if (cursor != box.cursor_) box.selected_ = 0;
    box.cursor_ = cursor;
  }
  return 0;
}

void FilterBox::take(ImGuiInputTextCallbackData* data, std::size_t proposal) {
  const FilterCompletion& completion = *completion_.value();
  const auto size = static_cast<std::size_t>(data->BufTextLen);
  if (completion.begin > completion.end || completion.end > size) return;
  data->DeleteChars(static_cast<int>(completion.begin),
                    static_cast<int>(completion.end - completion.begin));
  data->InsertChars(static_cast<int>(completion.begin),
                    completion.proposals[proposal].text.c_str());
  data->CursorPos = static_cast<int>(completion.begin +
                                     completion.proposals[proposal].text.size());
  data->SelectionStart = data->SelectionEnd = data->CursorPos;
  selected_ = 0;
}

void FilterBox::draw_proposals(ImVec2 below, float width) {
  const FilterCompletion* completion = completion_.value();
  if (completion == nullptr || completion->proposals.empty()) return;
  selected_ = std::min(selected_, completion->proposals.size() - 1);
  ImGui::SetNextWindowPos(below);
  ImGui::SetNextWindowSize({width * 0.7f, 0});
  ImGui::Begin("##proposals", nullptr,
               ImGuiWindowFlags_Tooltip | ImGuiWindowFlags_NoDecoration |
                   ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoFocusOnAppearing);
  for (std::size_t i = 0; i < completion->proposals.size(); ++i) {
    const FilterProposal& proposal = completion->proposals[i];
    ImGui::PushID(static_cast<int>(i));
    ImGui::Selectable("##proposal", i == selected_, ImGuiSelectableFlags_AllowItemOverlap);
    // The text field loses the focus with the press: so that is what counts.
    if (ImGui::IsItemHovered() && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
      clicked_ = i;
    }
    mark_row("filter.proposal", i, proposal.text);
    ImGui::SameLine(scaled(6));
    ImGui::PushFont(fonts().mono);
    function_line(proposal.text, ImGui::GetContentRegionAvail().x * 0.55f);
    ImGui::PopFont();
    ImGui::SameLine(width * 0.42f);
    ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
    text_line(proposal.help);
    ImGui::PopStyleColor();
    ImGui::PopID();
  }
  ImGui::End();
}

void draw_chips(App& app) {
  View next = app.view();
  if (next.range &&
      draw_chip("chip.range", fmt::format("{} to {}", format_time(next.range->begin),
                                          format_time(next.range->end)))) {
    next.range.reset();
  }
  if (next.process &&
      draw_chip("chip.process", fmt::format("process {}", next.process->value))) {
    next.process.reset();
  }
  if (!next.filter.empty() &&
      draw_chip("chip.filter", shorten_middle(next.filter, 40))) {
    next.filter.clear();
  }
  app.go(next);
}

}  // namespace memoir
