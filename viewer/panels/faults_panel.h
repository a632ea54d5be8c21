#pragma once

// The memory errors: the list, and of the selected one the stacks side by side and the
// memory around, with the damaged bytes marked.

#include <array>
#include <string>
#include <vector>

#include "analyze/faults.h"
#include "analyze/stacks.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/table.h"

namespace memoir {

class FaultsPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override {
    return report_.is_running() || stacks_.is_running();
  }
  void forget() override {
    report_.forget();
    stacks_.forget();
    taken_.clear();
    taken_by_.clear();
    height_ = 0;
  }

 private:
  struct Stacks {
    std::vector<StackFrame> access, alloc, free;
  };

  // Which of them the view takes. False while that is not known.
  bool choose(PanelContext& context);
  void draw_table(PanelContext& context);
  void draw_fault(const Fault& fault, PanelContext& context);
  void draw_stacks(const Fault& fault, PanelContext& context);
  void select(std::size_t fault, App& app);

  Answer<FaultReport> report_;
  Answer<Stacks> stacks_;
  std::vector<std::size_t> taken_;  // by the filter and the range; of the report
  std::string taken_by_;            // what was asked
  std::vector<std::size_t> order_;  // of those, as the table has them
  std::uint64_t arranged_ = 0;
  bool is_new_ = false;  // they are others than before
  Table table_{0, false};
  float height_ = 0;  // of the table; 0: not yet decided
};

}  // namespace memoir
