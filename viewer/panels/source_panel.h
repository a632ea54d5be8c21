#pragma once

// The source file of what is selected with the costs of its lines; where nothing is, the
// files that cost most.

#include <string>
#include <vector>

#include "analyze/site_rows.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/source_view.h"
#include "viewer/widgets/table.h"

namespace memoir {

class SourcePanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return view_.is_waiting() || files_.is_running(); }
  void forget() override;

 private:
  struct File {
    std::string path;
    std::int64_t cost = 0, count = 0;
  };

  void draw_files(PanelContext& context);
  void draw_choice();

  SiteOrder order_ = SiteOrder::kAllocated;
  SourceView view_;
  Answer<std::vector<File>> files_;
  Table table_{1, true};
};

}  // namespace memoir
