#include "viewer/panels/block_story.h"

#include <fmt/format.h>
#include <imgui.h>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {

void BlockStoryPane::forget() {
  story_.forget();
  others_.forget();
  others_of_.reset();
}

void BlockStoryPane::draw(PanelContext& context, const BlockQuestion& question,
                          std::uint64_t seq,
                          const std::map<std::uint32_t, std::string>& threads) {
  const std::string key =
      context.session.key(fmt::format("{} {}", question.process.value, seq));
  story_.ask(context.session.worker(), key, "Following a block",
             [index = question.index, seq](QueryContext&) {
               Story story;
               story.chain = realloc_chain(*index, seq);
               if (!story.chain.empty()) story.end = find_end(*index, story.chain.back());
               story.end_time = index->view()->end_time;
               return story;
             });
  if (!answer_is_there(story_, story_.value() != nullptr)) return;
  const Story& story = *story_.value();
  if (story.chain.empty()) return;
  heading(story.chain.size() > 1 ? "The life of this block, through realloc"
                                 : "The life of this block");
  for (std::size_t i = 0; i < story.chain.size(); ++i) {
    draw_step(context, question, story.chain[i],
              i == 0 ? "allocated" : "moved and resized", i, threads);
  }
  const TracedBlock& last = story.chain.back();
  if (last.is_leaked()) {
    coloured_text(theme().leak, fmt::format("never freed: {} old at the end",
                                            format_duration(last.life(story.end_time))));
  } else {
    text_line(fmt::format(
        "{}  freed by {} after {}{}", format_duration(last.free_t),
        story.end ? thread_name(threads, story.end->thread) : "somebody",
        format_duration(last.life(story.end_time)),
        last.temporary ? ", before its thread made another block: temporary" : ""));
  }
  mark("block.end", last.is_leaked() ? "leaked" : "freed");
  if (others_of_ != seq) {
    if (link(fmt::format("Who else lay at {:#x}?", story.chain.back().address),
             "block.others")) {
      others_of_ = seq;
    }
    return;
  }
  others_.ask(context.session.scanner(), key, "Reading who lay at an address",
              [index = question.index, address = last.address](QueryContext& query) {
                return blocks_that_held(*index, address, 200, query.job());
              });
  separator_with(fmt::format("Blocks that held {:#x}", last.address));
  if (!answer_is_there(others_, others_.value() != nullptr)) return;
  const std::vector<TracedBlock>& others = *others_.value();
  for (std::size_t i = 0; i < others.size(); ++i) {
    draw_step(context, question, others[i],
              others[i].is_leaked() ? "allocated, never freed" : "allocated", 1000 + i,
              threads);
  }
}

void BlockStoryPane::draw_step(PanelContext& context, const BlockQuestion& question,
                               const TracedBlock& block, const char* verb,
                               std::size_t number,
                               const std::map<std::uint32_t, std::string>& threads) {
  ImGui::PushID(static_cast<int>(number));
  const std::string text = fmt::format(
      "{}  {} at {:#x}, {}, by {}", format_duration(block.t), format_bytes(block.size),
      block.address, verb, thread_name(threads, block.thread));
  if (link(text)) {
    View next = context.app.view();
    next.clear_selection();
    next.stack = {block.stack};
    next.address = block.address;
    next.moment = block.t;
    context.app.change(next);
  }
  mark_row("block.step", number, text);
  ImGui::SameLine(0, scaled(12));
  ImGui::PushFont(fonts().mono);
  function_line(function_of(*question.stacks, block.stack));
  ImGui::PopFont();
  ImGui::PopID();
}

}  // namespace memoir
