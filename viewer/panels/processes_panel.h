#pragma once

// The processes of the run, and what each did with memory; and their
// threads. Selecting one makes all panels
// answer for it alone.

#include "viewer/panel.h"
#include "viewer/panels/threads_table.h"
#include "viewer/widgets/table.h"

namespace memoir {

struct ProcessSummary;

class ProcessesPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return threads_.is_waiting(); }
  void forget() override { threads_.forget(); }

 private:
  Table table_{1, false};
  ThreadsTable threads_;
  float height_ = 0;
};

}  // namespace memoir
