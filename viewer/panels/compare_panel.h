#pragma once

// What changed, by call site: from this trace to a second one, or from the beginning of
// the chosen range to its end.

#include <optional>
#include <string>
#include <vector>

#include "analyze/compare.h"
#include "analyze/site_rows.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/table.h"

namespace memoir {

class ComparePanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return found_.is_running() || other_.is_running(); }
  void forget() override;

 private:
  struct Found {
    std::optional<Comparison> comparison;
    std::vector<TraceStackId> stacks;  // of this trace, by site; none: it has no such
    std::string before, after;         // what is compared
    bool in_bytes = true;
    std::vector<std::string> remarks;
    // The largest on either side.
    std::int64_t largest = 1;
  };
  // What the second trace says, for whoever compares it.
  struct OtherCosts {
    std::vector<StackCost> costs;
  };

  bool ask_about_traces(PanelContext& context);
  bool ask_about_moments(PanelContext& context);
  static Found compare(const Comparison::Side& before, const Comparison::Side& after);
  // What the other trace is taken times, and what is narrowed to a process; in words.
  double factor(PanelContext& context) const;
  std::optional<ProcessId> other_process(PanelContext& context,
                                         std::vector<std::string>& remarks) const;
  void draw_norm_choice();
  void arrange();
  void draw_head(PanelContext& context);
  void draw_table(PanelContext& context);
  void draw_cell(const ChangedSite& site, std::size_t column) const;
  std::string as_csv() const;

  SiteOrder order_ = SiteOrder::kLeaked;
  Norm norm_ = Norm::kNone;
  Answer<OtherCosts> other_;
  Answer<Found> found_;
  std::vector<std::size_t> rows_;  // of the sites, in the order of the table
  std::uint64_t arranged_ = 0;
  std::optional<std::size_t> selected_;  // of the sites
  Table table_{3, true};
};

}  // namespace memoir
