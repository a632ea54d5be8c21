#include "viewer/details_pane.h"

#include <imgui.h>

#include <string>

#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/stack_list.h"

namespace memoir {

void DetailsPane::forget() { stack_.forget(); }

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
  ImGui::BeginChild("frames");
  draw_stack("details.frame", *stack_.value(), shows_all_, context.app);
  ImGui::EndChild();
  if (context.app.take(Command::kCopy)) {
    context.app.copy(stack_as_text(*stack_.value()), "the call stack");
  }
}

}  // namespace memoir
