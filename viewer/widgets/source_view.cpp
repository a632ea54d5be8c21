#include "viewer/widgets/source_view.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/cost_choice.h"

namespace memoir {
namespace {

constexpr std::size_t kTab = 4;

// As it is drawn, where tabs have no width of their own.
std::string without_tabs(const std::string& line) {
  std::string made;
  for (const char c : line) {
    if (c == '\r') continue;
    if (c != '\t') {
      made += c;
      continue;
    }
    made.append(kTab - made.size() % kTab, ' ');
  }
  return made;
}

// Of the first module that has frames of the file.
std::string module_of(const StackStore& stacks, NameId file) {
  for (const FrameLine& line : stacks.frames().all_lines()) {
    if (line.file != file) continue;
    return std::string(stacks.text(stacks.frames().module(line.module).path));
  }
  return "";
}

const LineCost* find(const std::vector<LineCost>& lines, std::size_t number) {
  const auto found = std::ranges::lower_bound(lines, number, {}, &LineCost::line);
  return found != lines.end() && found->line == number ? &*found : nullptr;
}

}  // namespace

void SourceView::forget() {
  text_.forget();
  costs_.forget();
  shown_.clear();
}

void SourceView::ask(PanelContext& context, const std::string& file, SiteOrder order) {
  const Stacks stacks = *context.session.stacks().value();
  text_.ask(context.session.worker(), context.session.key("source " + file),
            "Reading a source file", [=](QueryContext& query) {
              const auto name = stacks->frames().names().find(file);
              const std::string module = name ? module_of(*stacks, *name) : "";
              Text text;
              text.source = find_source(query.database(),
                                        {file, module, recording_time(query.trace())});
              for (std::string& line : text.source.lines) {
                line = without_tabs(line);
                text.letters = std::max(text.letters, static_cast<float>(line.size()));
              }
              return text;
            });
  const std::optional<ProcessId> only = context.app.view().process;
  costs_.ask(context.session.scanner(),
             context.session.key(
                 fmt::format("lines {} {} {} {}", file, site_order_name(order),
                             only ? only->value : 0, context.session.stacks().version())),
             "Summing up the costs of lines", [=](QueryContext& query) {
               Costs costs;
               const auto name = stacks->frames().names().find(file);
               if (!name) return costs;
               costs.lines = line_costs(
                   *stacks,
                   site_costs(read_sites(query.database(), SiteKind::kHeap, only), order),
                   *name);
               for (const LineCost& line : costs.lines) {
                 costs.largest = std::max(costs.largest, line.total.value);
               }
               return costs;
             });
}

void SourceView::draw(PanelContext& context, const std::string& name,
                      const std::string& file, std::int64_t line, SiteOrder order) {
  Answer<Stacks>& stacks = context.session.stacks();
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return;
  ask(context, file, order);
  if (!answer_is_there(text_, text_.is_current())) return;
  const SourceText& source = text_.value()->source;
  if (source.origin == SourceText::Origin::kMissing) {
    return empty_state(
        icon::kSource, theme().faint_text, "The source is not here",
        fmt::format("{}: {}. Put the file there as it was when the program was "
                    "built.",
                    source.path.empty() ? file : source.path.string(),
                    source.why_missing),
        name + ".missing");
  }
  draw_banner(name, source);
  const std::string target = fmt::format("{} {} {}", file, line, text_.version());
  const bool is_new = target != std::exchange(shown_, target);
  ImGui::PushFont(fonts().mono);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  const float letter = ImGui::CalcTextSize("0").x;
  ImGui::SetNextWindowContentSize({(text_.value()->letters + 34) * letter, 0});
  ImGui::BeginChild("text", {0, 0}, false, ImGuiWindowFlags_HorizontalScrollbar);
  if (is_new) {
    const float height = ImGui::GetTextLineHeight();
    const float at =
        (static_cast<float>(std::max<std::int64_t>(line, 1)) - 0.5f) * height;
    ImGui::SetScrollY(std::max(0.0f, at - ImGui::GetWindowHeight() / 2));
  }
  draw_lines(context, name, file, line, order);
  ImGui::EndChild();
  ImGui::PopStyleVar();
  ImGui::PopFont();
}

void SourceView::draw_banner(const std::string& name, const SourceText& source) const {
  if (!source.may_differ()) return;
  const std::string text =
      source.newer_than_module
          ? "This file is newer than the program that was built from it: lines may have "
            "moved. Build and record again."
          : "This file was changed after the recording: lines may have moved. Record "
            "again, or look at the version that was built.";
  ImGui::PushTextWrapPos(0);
  coloured_text(theme().warning, fmt::format("{}  {}", icon_text(icon::kWarning), text));
  ImGui::PopTextWrapPos();
  mark(name + ".banner", text);
}

void SourceView::draw_lines(PanelContext& context, const std::string& name,
                            const std::string& file, std::int64_t line, SiteOrder order) {
  const std::vector<std::string>& lines = text_.value()->source.lines;
  const float letter = ImGui::CalcTextSize("0").x;
  const float margin = letter * 22;
  const bool in_bytes = is_in_bytes(order);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(lines.size()), ImGui::GetTextLineHeight());
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const auto number = static_cast<std::size_t>(i) + 1;
      const ImVec2 at = ImGui::GetCursorPos();
      ImGui::PushID(i);
      const bool is_chosen = line == static_cast<std::int64_t>(number);
      if (ImGui::Selectable("##line", is_chosen, ImGuiSelectableFlags_AllowItemOverlap)) {
        View next = context.app.view();
        next.line = static_cast<std::int64_t>(number);
        // What stands in sight need not be brought there.
        shown_ = fmt::format("{} {} {}", file, number, text_.version());
        context.app.change(next);
      }
      if (marks_are_on()) {
        const Costs* costs = costs_.value();
        const LineCost* cost = costs != nullptr ? find(costs->lines, number) : nullptr;
        mark_row(name + ".line", number,
                 fmt::format("{} {}{}", cost != nullptr ? cost->self.value : 0,
                             cost != nullptr ? cost->total.value : 0,
                             is_chosen ? " chosen" : ""));
      }
      ImGui::PopID();
      const ImVec2 after = ImGui::GetCursorPos();
      ImGui::SetCursorPos(at);
      draw_margin(number, in_bytes, margin);
      ImGui::SetCursorPos({at.x + margin + letter, at.y});
      faint_text(fmt::format("{:>6}", number));
      ImGui::SetCursorPos({at.x + margin + letter * 9, at.y});
      const std::string& text = lines[number - 1];
      ImGui::TextUnformatted(text.data(), text.data() + text.size());
      ImGui::SetCursorPos(after);
    }
  }
  clipper.End();
}

// What the line costs itself, and all that it leads to.
void SourceView::draw_margin(std::size_t number, bool in_bytes, float width) const {
  const LineCost* cost =
      costs_.value() != nullptr ? find(costs_.value()->lines, number) : nullptr;
  if (cost == nullptr || cost->total.value == 0) return;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = ImGui::GetTextLineHeight();
  const auto bar = [&](std::int64_t value, ImU32 colour) {
    const float part = static_cast<float>(static_cast<double>(value) /
                                          static_cast<double>(costs_.value()->largest));
    ImGui::GetWindowDrawList()->AddRectFilled(
        at, {at.x + width * std::clamp(part, 0.0f, 1.0f), at.y + height}, colour);
  };
  bar(cost->total.value, with_alpha(theme().live, 0.25f));
  bar(cost->self.value, with_alpha(theme().leak, 0.45f));
  const std::array texts = {
      cost->self.value == 0 ? std::string() : cost_text(cost->self.value, in_bytes),
      cost_text(cost->total.value, in_bytes)};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const float end = width * (i == 0 ? 0.5f : 1.0f);
    const float size = ImGui::CalcTextSize(texts[i].c_str()).x;
    ImGui::GetWindowDrawList()->AddText({at.x + end - size, at.y},
                                        i == 0 ? theme().text : theme().faint_text,
                                        texts[i].c_str());
  }
}

}  // namespace memoir
