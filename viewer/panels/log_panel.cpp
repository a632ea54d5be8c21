#include "viewer/panels/log_panel.h"

#include <imgui.h>

#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {

void LogPanel::draw(PanelContext& context) {
  if (context.app.log().empty()) {
    empty_state(icon::kLog, theme().faint_text, "Nothing was said yet",
                "What is copied, exported or refused is listed here.");
    return;
  }
  std::size_t row = 0;
  for (const LogEntry& entry : context.app.log()) {
    coloured_text(entry.is_error ? theme().warning : theme().faint_text,
                  icon_text(entry.is_error ? icon::kWarning : icon::kInfo));
    ImGui::SameLine();
    text_line(entry.text);
    mark_row("log", row++, entry.text);
  }
}

}  // namespace memoir
