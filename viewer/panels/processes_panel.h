#pragma once

// The processes of the run, and what each did with memory. Selecting one makes all panels
// answer for it alone.

#include "viewer/panel.h"
#include "viewer/widgets/table.h"

namespace memoir {

struct ProcessSummary;

class ProcessesPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return false; }
  void forget() override {}

 private:
  Table table_{1, false};
};

}  // namespace memoir
