#include "viewer/widgets/remarks.h"

#include <imgui.h>

#include "viewer/marks.h"
#include "viewer/theme.h"
#include "viewer/widgets/basic.h"

namespace memoir {

void draw_remarks(const std::string& name, std::span<const std::string> remarks) {
  for (std::size_t i = 0; i < remarks.size(); ++i) {
    ImGui::PushTextWrapPos(0);
    coloured_text(theme().warning, remarks[i]);
    ImGui::PopTextWrapPos();
    mark_row(name + ".remark", i, remarks[i]);
  }
}

}  // namespace memoir
