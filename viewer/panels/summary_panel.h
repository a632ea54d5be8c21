#pragma once

// What a person wants to know first: whether something is wrong, what leaked, what holds
// the most, what churns; and how the program was recorded.

#include "analyze/report_content.h"
#include "viewer/answer.h"
#include "viewer/panel.h"

namespace memoir {

class SummaryPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return report_.is_running(); }
  void forget() override { report_.forget(); }

 private:
  void draw_scope(PanelContext& context);
  void draw_verdict(const ReportContent& report, PanelContext& context);
  void draw_section(const ReportSection& section, PanelContext& context);
  void draw_run(const ReportContent& report, PanelContext& context);

  Answer<ReportContent> report_;
};

}  // namespace memoir
