#pragma once

// How large blocks are and how long they live, in powers of two, and the sizes that come
// most often. A click on a bar filters by it.

#include <imgui.h>

#include "analyze/histograms.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/panels/block_question.h"

namespace memoir {

class HistogramPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override {
    return recorded_.is_running() || counted_.is_running();
  }
  void forget() override;

 private:
  struct Counted {
    Histograms histograms;
    std::optional<FilterError> error;
  };
  enum class Kind { kSizes, kLives };

  void ask(PanelContext& context, const BlockQuestion& question);
  void draw_all(PanelContext& context, const Histograms& histograms);
  void draw_chart(PanelContext& context, const Histogram& histogram, Kind kind,
                  ImVec2 size);
  void draw_top_sizes(PanelContext& context, const Histograms& histograms);

  Answer<Histograms> recorded_;  // of the whole run, from the trace's tables
  Answer<Counted> counted_;      // of the filter and the range
  bool shows_bytes_ = false;
  bool wants_sizes_ = false;
};

}  // namespace memoir
