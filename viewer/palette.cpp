#include "viewer/palette.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <optional>

#include "analyze/fuzzy_match.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

constexpr const char* kName = "palette";
constexpr std::size_t kMostChoices = 200;

}  // namespace

void Palette::open() {
  is_open_ = just_opened_ = true;
  text_.clear();
  chosen_for_ = "\n";
}

void Palette::close() {
  is_open_ = false;
  ImGui::CloseCurrentPopup();
}

void Palette::draw(App& app) {
  if (!is_open_) return;
  if (just_opened_) ImGui::OpenPopup(kName);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float width = std::min(display.x * 0.9f, scaled(720));
  ImGui::SetNextWindowPos({(display.x - width) / 2, display.y * 0.12f});
  ImGui::SetNextWindowSize({width, std::min(display.y * 0.75f, scaled(440))});
  if (!ImGui::BeginPopup(kName, ImGuiWindowFlags_NoMove)) {
    is_open_ = false;
    return;
  }
  if (app.session() && app.session()->facts()) {
    functions_.ask(app.session()->worker(), app.session()->key("functions"),
                   "Reading functions", [](QueryContext& query) {
                     std::vector<std::string> names;
                     Statement rows = query.database().prepare(
                         "SELECT DISTINCT s.s FROM frame_line l JOIN string s"
                         " ON s.id = l.function ORDER BY s.s");
                     while (rows.step()) names.emplace_back(rows.text(0));
                     return names;
                   });
  }
  ImGui::SetNextItemWidth(-1);
  if (std::exchange(just_opened_, false)) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputTextWithHint("##text", "a command, a panel, a function", &text_,
                               ImGuiInputTextFlags_EnterReturnsTrue);
  mark("palette.text", text_);
  choose(app);
  const auto pressed = [](ImGuiKey key) {
    return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key), true);
  };
  const int count = static_cast<int>(choices_.size());
  const bool is_moved = pressed(ImGuiKey_DownArrow) || pressed(ImGuiKey_UpArrow);
  if (pressed(ImGuiKey_DownArrow)) selected_ = std::min(selected_ + 1, count - 1);
  if (pressed(ImGuiKey_UpArrow)) selected_ = std::max(selected_ - 1, 0);

  std::optional<std::size_t> done;
  if (entered && selected_ >= 0 && selected_ < count) {
    done = static_cast<std::size_t>(selected_);
  }
  ImGui::BeginChild("choices");
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    const Choice& choice = choices_[i];
    ImGui::PushID(static_cast<int>(i));
    const bool is_selected = selected_ == static_cast<int>(i);
    if (ImGui::Selectable("##choice", is_selected,
                          ImGuiSelectableFlags_DontClosePopups |
                              ImGuiSelectableFlags_AllowItemOverlap)) {
      done = i;
    }
    mark_row("palette.choice", i, choice.title);
    if (is_selected && is_moved) ImGui::SetScrollHereY(0.5f);
    ImGui::SameLine(scaled(8));
    function_line(choice.title, ImGui::GetContentRegionAvail().x - scaled(150));
    const float keys = ImGui::CalcTextSize(choice.keys.c_str()).x;
    ImGui::SameLine(ImGui::GetContentRegionAvail().x - keys - scaled(4));
    faint_text(choice.keys);
    ImGui::PopID();
  }
  if (choices_.empty()) faint_text("Nothing has these letters.");
  ImGui::EndChild();
  if (done) {
    const Choice choice = choices_[*done];
    close();
    perform(app, choice);
  } else if (pressed(ImGuiKey_Escape)) {
    close();
  }
  ImGui::EndPopup();
}

void Palette::choose(App& app) {
  const std::string state = text_ + "\n" + std::to_string(functions_.version());
  if (state == chosen_for_) return;
  chosen_for_ = state;
  choices_.clear();
  selected_ = 0;
  const auto offer = [this](Choice choice, int bonus) {
    const std::optional<int> score = fuzzy_score(text_, choice.title);
    if (!score) return;
    choice.score = *score + bonus;
    choices_.push_back(std::move(choice));
  };
  for (const CommandRow& row : all_commands()) {
    if (std::string_view(row.group) != "Panels") {
      offer({row.title, row.keys, static_cast<int>(row.id)}, 24);
    }
  }
  const bool is_open = app.session() && app.session()->facts();
  for (std::size_t i = 0; is_open && i < all_panels().size(); ++i) {
    offer({std::string("Panel: ") + all_panels()[i].title,
           i < 9 ? std::to_string(i + 1) : "", -1, static_cast<int>(i)},
          20);
  }
  const std::vector<std::string>* functions = functions_.value();
  if (is_open && functions != nullptr && !text_.empty()) {
    for (const std::string& name : *functions) offer({name, "function"}, 0);
  }
  const auto better = [](const Choice& a, const Choice& b) { return a.score > b.score; };
  if (text_.empty()) return;
  std::ranges::stable_sort(choices_, better);
  if (choices_.size() > kMostChoices) choices_.resize(kMostChoices);
}

void Palette::perform(App& app, const Choice& choice) {
  if (choice.command >= 0) return app.perform(static_cast<Command>(choice.command));
  if (choice.panel >= 0) return app.go(static_cast<PanelId>(choice.panel));
  View next = app.view();
  next.clear_selection();
  next.function = choice.title;
  next.filter = "via:\"" + choice.title + "\"";
  app.go(next);
}

}  // namespace memoir
