#pragma once

// The text of a source file with what its lines cost in the margin. Only the lines in
// sight are drawn.
//
// Thread safety: the thread that draws.

#include <cstdint>
#include <string>
#include <vector>

#include "analyze/line_costs.h"
#include "analyze/site_rows.h"
#include "analyze/source_text.h"
#include "viewer/answer.h"
#include "viewer/panel.h"

namespace memoir {

class SourceView {
 public:
  // Into what is left of the window. Marks are name.line.N (N as in the file),
  // name.banner and name.missing.title. A click on a line selects it.
  void draw(PanelContext& context, const std::string& name, const std::string& file,
            std::int64_t line, SiteOrder order);
  bool is_waiting() const { return text_.is_running() || costs_.is_running(); }
  void forget();

 private:
  struct Text {
    SourceText source;
    float letters = 0;  // of the longest line
  };
  struct Costs {
    std::vector<LineCost> lines;  // by line
    std::int64_t largest = 1;     // of what a line's stacks cost
  };

  void ask(PanelContext& context, const std::string& file, SiteOrder order);
  void draw_banner(const std::string& name, const SourceText& source) const;
  void draw_lines(PanelContext& context, const std::string& name, const std::string& file,
                  std::int64_t line, SiteOrder order);
  void draw_margin(std::size_t number, bool in_bytes, float width) const;

  Answer<Text> text_;
  Answer<Costs> costs_;
  std::string shown_;  // the file, line and text that were brought into sight
};

}  // namespace memoir
