#pragma once

// What was never freed, by call site.

#include <vector>

#include "analyze/leaks.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/table.h"

namespace memoir {

class LeaksPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return report_.is_running(); }
  void forget() override {
    report_.forget();
    rows_.clear();
    arranged_ = 0;
  }

 private:
  void arrange();
  void draw_head(PanelContext& context);
  void draw_table(PanelContext& context);
  void draw_cell(const Leak& leak, std::size_t column) const;
  void suppress(const Leak& leak, App& app);
  std::string as_csv() const;

  Answer<LeakReport> report_;
  std::vector<const Leak*> rows_;  // of the report, in the order of the table
  std::uint64_t arranged_ = 0;     // the report's version
  std::size_t selected_ = 0;       // of the rows, where it has the view's stack
  Table table_{1, true};
};

}  // namespace memoir
