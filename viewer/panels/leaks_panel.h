#pragma once

// What was never freed, by call site, function, file, module or thread: how much, how
// old, and how it piled up; without what somebody suppressed, of which the sums are said.

#include <set>
#include <string>
#include <vector>

#include "analyze/leak_table.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/table.h"

namespace memoir {

class LeaksPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override {
    return leaks_.is_running() || lives_.is_running() || shown_.is_running();
  }
  void forget() override;

 private:
  // Lives, and the question that they answer.
  struct Lives {
    LeakLives lives;
    std::string question;
  };
  struct Shown {
    LeakTable table;
    LeakGroup group = LeakGroup::kSite;
    std::set<std::string> own_rules;   // of the file beside the trace
    std::vector<std::string> remarks;  // what could not be done
  };

  // False while there is nothing to draw.
  bool ask(PanelContext& context);
  void arrange();
  void draw_head(PanelContext& context);
  void draw_group_choice();
  void draw_remarks(PanelContext& context);
  void draw_silenced(PanelContext& context);
  void draw_nothing(PanelContext& context);
  void draw_table(PanelContext& context);
  void draw_menu(PanelContext& context);
  void suppress(const std::string& pattern, PanelContext& context);

  LeakGroup group_ = LeakGroup::kSite;
  Answer<std::vector<LeakedStack>> leaks_;
  Answer<Lives> lives_;
  Answer<Shown> shown_;
  std::vector<const LeakRow*> rows_;  // in the order of the table
  std::uint64_t arranged_ = 0;        // the version of what is shown
  std::size_t selected_ = 0;          // of the rows, where it has the view's stack
  std::optional<LeakRow> menu_;       // what was clicked with the right button
  Table table_{1, true};
};

}  // namespace memoir
