#include "viewer/details_pane.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <string>

#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/stack_list.h"

namespace memoir {

void DetailsPane::forget() {
  stack_.forget();
  source_.forget();
}

void DetailsPane::draw(PanelContext& context) {
  const TraceStackId stack = context.app.view().stack;
  if (!stack) {
    empty_state(icon::kInfo, theme().faint_text, "Nothing is selected",
                "The call stack of what is selected stands here.", "details");
    return;
  }
  stack_.ask(context.session.worker(), context.session.key(std::to_string(stack.value)),
             "Reading a call stack", [stack](QueryContext& query) {
               return StackExpander(query.database()).expand(stack);
             });
  heading("Call stack");
  ImGui::SameLine();
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x -
                       scaled(150));
  ImGui::Checkbox("all frames", &shows_all_);
  tooltip("Also those of the allocator and of Memoir");
  mark("details.all_frames", shows_all_ ? "on" : "off");
  if (!answer_is_there(stack_, stack_.value() != nullptr)) return;
  // The panel of sources shows the same already.
  const View view = context.app.view();
  const bool has_source = !view.file.empty() && view.panel != PanelId::kSource;
  const float room = ImGui::GetContentRegionAvail().y;
  if (frames_height_ == 0) {
    frames_height_ = std::max(room - ImGui::GetTextLineHeight() * 17, room * 0.4f);
  }
  frames_height_ = std::min(frames_height_, room * 0.85f);
  ImGui::BeginChild("frames", {0, has_source ? frames_height_ : 0});
  draw_stack("details.frame", *stack_.value(), shows_all_, context.app);
  ImGui::EndChild();
  if (has_source) {
    horizontal_splitter("split.source", &frames_height_, room * 0.2f, room * 0.85f);
    const std::string title =
        view.line > 0 ? fmt::format("{}:{}", view.file, view.line) : view.file;
    const float link_room = ImGui::CalcTextSize("whole file").x + scaled(16);
    path_line(title, ImGui::GetContentRegionAvail().x - link_room);
    ImGui::SameLine(0, scaled(12));
    if (link("whole file", "details.source.open")) context.app.go(PanelId::kSource);
    ImGui::BeginChild("source");
    source_.draw(context, "details.source", view.file, view.line, SiteOrder::kAllocated);
    ImGui::EndChild();
  }
  if (context.app.take(Command::kCopy)) {
    context.app.copy(stack_as_text(*stack_.value()), "the call stack");
  }
}

}  // namespace memoir
