#include "viewer/no_effect.h"

#include <fmt/format.h>

#include "viewer/app.h"

namespace memoir {

std::string why_no_effect(Command command, App& app) {
  if (app.session() == nullptr) return "No trace is open: Ctrl+O opens one.";
  if (app.session()->facts() == nullptr) return "The trace is not read yet.";
  switch (command) {
    case Command::kClearFilter:
      return "Neither a filter, nor a range, nor a process is chosen.";
    case Command::kBack:
      return "There is no view before this one.";
    case Command::kForward:
      return "There is no view after this one.";
    case Command::kFitRange:
      return "No range is chosen: drag one on the timeline.";
    case Command::kPreviousMark:
      return "There is no mark before this moment.";
    case Command::kNextMark:
      return "There is no mark after this moment.";
    case Command::kPauseFollowing:
    case Command::kFollow:
      return app.session()->is_growing() ? "The trace is followed already."
                                         : "The trace is not growing.";
    case Command::kLarger:
    case Command::kSmaller:
      return "It cannot be changed further.";
    default:
      break;
  }
  if (!app.is_idle()) return "Not yet: an answer is on its way.";
  const char* panel = panel_row(app.view().panel).title;
  switch (command) {
    case Command::kRowDown:
    case Command::kRowUp:
      return fmt::format("{}: there are no rows here.", panel);
    case Command::kDrillIn:
      return fmt::format("{}: no row is selected that leads further.", panel);
    case Command::kDrillOut:
      return fmt::format("{}: there is nothing to leave here.", panel);
    case Command::kCopy:
      return app.view().stack && !app.settings().details_are_open
                 ? "The call stack is copied from the details: Ctrl+B shows them."
                 : "Nothing is selected that has a call stack.";
    case Command::kSuppress:
      return "Select a leak or a memory error to suppress it.";
    case Command::kExport:
      return fmt::format("{}: there is no table to export here.", panel);
    case Command::kFlip:
    case Command::kInvert:
      return fmt::format("{}: there is no tree to turn here.", panel);
    default:
      return fmt::format("{}: it has no effect here.", command_row(command).title);
  }
}

}  // namespace memoir
