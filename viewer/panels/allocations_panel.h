#pragma once

// Every single block that the filter and the range let through, and below the table the
// whole life of the selected one.

#include <map>
#include <string>

#include "analyze/block_query.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/panels/block_question.h"
#include "viewer/panels/block_story.h"
#include "viewer/widgets/table.h"

namespace memoir {

class AllocationsPanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return found_.is_running() || story_.is_waiting(); }
  void forget() override;

 private:
  struct Found {
    FoundBlocks blocks;
    BlockConditions conditions;
  };

  void ask(PanelContext& context, const BlockQuestion& question);
  void draw_head(const Found& found);
  void draw_table(PanelContext& context, const BlockQuestion& question,
                  const Found& found);
  void draw_cell(const BlockQuestion& question, const Found& found,
                 const TracedBlock& block, std::size_t column) const;
  std::string as_csv(const BlockQuestion& question, const Found& found) const;

  Answer<Found> found_;
  Table table_{1, true};
  std::optional<std::uint64_t> selected_;  // the event that made the block
  std::size_t selected_row_ = 0;
  BlockStoryPane story_;
  float table_height_ = 0;
};

}  // namespace memoir
