#pragma once

// The life of one block: who made it and when, what it was before and became by realloc,
// how it ended, and who else lay at its address.
//
// Thread safety: the thread that draws.

#include <optional>
#include <vector>

#include "analyze/block_life.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/panels/block_question.h"

namespace memoir {

class BlockStoryPane {
 public:
  // Of the block that the event `seq` made. `threads`: names by number.
  void draw(PanelContext& context, const BlockQuestion& question, std::uint64_t seq,
            const std::map<std::uint32_t, std::string>& threads);
  bool is_waiting() const { return story_.is_running() || others_.is_running(); }
  void forget();

 private:
  struct Story {
    std::vector<TracedBlock> chain;  // by realloc; the block among them
    std::optional<TraceEvent> end;   // of the last of them
    std::uint64_t end_time = 0;
  };

  void draw_step(PanelContext& context, const BlockQuestion& question,
                 const TracedBlock& block, const char* verb, std::size_t number,
                 const std::map<std::uint32_t, std::string>& threads);

  Answer<Story> story_;
  Answer<std::vector<TracedBlock>> others_;  // that held its address
  std::optional<std::uint64_t> others_of_;   // asked for: the block's event
};

}  // namespace memoir
