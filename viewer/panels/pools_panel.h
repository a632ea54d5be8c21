#pragma once

// What hands out pieces of memory that it got from elsewhere, and who got them.

#include <vector>

#include "analyze/pools.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/table.h"

namespace memoir {

class PoolsPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return pools_.is_running(); }
  void forget() override {
    pools_.forget();
    rows_.clear();
    arranged_ = 0;
    selected_ = 0;
    height_ = 0;
  }

 private:
  void arrange();
  void draw_sites(const Pool& pool, PanelContext& context);

  Answer<std::vector<Pool>> pools_;
  std::vector<const Pool*> rows_;
  std::uint64_t arranged_ = 0;
  std::size_t selected_ = 0;  // of the rows
  bool is_new_ = false;       // nobody chose one of these rows yet
  Table table_{5, true};
  Table site_table_{3, true};
  float height_ = 0;
};

}  // namespace memoir
