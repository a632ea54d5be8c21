#include "viewer/panels/allocations_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>

#include "analyze/table_output.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

enum Column : std::size_t { kTime, kSize, kLife, kEnd, kThread, kAddress, kFunction };
constexpr std::array<TableColumn, 7> kColumns = {{
    {"Time", 12, true, "When it was allocated"},
    {"Size", 12, true, "Bytes that were asked for"},
    {"Lived", 12, true, "Until it was freed, or to the end"},
    {"End", 13, false, "Whether it was freed"},
    {"Thread", 14, false, "That allocated it"},
    {"Address", 16, false, "Where it lay"},
    {"Function", 0, false, "That allocated it"},
}};

// Ends are sorted by how long blocks lived, threads by time.
BlockOrder order_of(std::size_t column) {
  switch (column) {
    case kSize:
      return BlockOrder::kSize;
    case kLife:
    case kEnd:
      return BlockOrder::kLife;
    case kAddress:
      return BlockOrder::kAddress;
    case kFunction:
      return BlockOrder::kStack;
    default:
      return BlockOrder::kTime;
  }
}

}  // namespace

void AllocationsPanel::forget() {
  found_.forget();
  story_.forget();
  selected_.reset();
}

void AllocationsPanel::ask(PanelContext& context, const BlockQuestion& question) {
  const BlockOrder order = order_of(table_.sort_column());
  const bool descending = table_.descending();
  found_.ask(context.session.scanner(),
             fmt::format("{} {} {}", question.key, static_cast<int>(order), descending),
             "Reading allocations", [=](QueryContext& query) {
               Found found;
               found.conditions = conditions_of(question, query);
               if (found.conditions.takes_nothing) return found;
               BlockQuery blocks;
               blocks.filter = found.conditions.filter;
               blocks.order = order;
               blocks.descending = descending;
               blocks.begin = found.conditions.begin;
               blocks.end = found.conditions.end;
               found.blocks = find_blocks(*question.index, blocks, query.job());
               return found;
             });
}

void AllocationsPanel::draw(PanelContext& context) {
  const std::optional<BlockQuestion> question = ask_for_blocks(context);
  if (!question) return;
  ask(context, *question);
  if (!answer_is_there(found_, found_.value() != nullptr)) return;
  const Found& found = *found_.value();
  draw_head(found);
  draw_block_question(context, *question, found.conditions.error);
  if (found.blocks.blocks.empty()) {
    const bool chosen = !question->filter.empty() || question->range;
    return empty_state(
        icon::kFilter, theme().faint_text, "No such block",
        chosen ? "The filter and the range let none through. Ctrl+Backspace clears them."
               : "This process allocated nothing on the heap.");
  }
  const float room = ImGui::GetContentRegionAvail().y;
  if (!selected_) return draw_table(context, *question, found);
  if (table_height_ == 0) table_height_ = room * 0.62f;
  ImGui::BeginChild("blocks", {0, table_height_});
  draw_table(context, *question, found);
  ImGui::EndChild();
  horizontal_splitter("split.block", &table_height_, room * 0.2f, room * 0.85f);
  ImGui::BeginChild("story");
  story_.draw(context, *question, *selected_, found.conditions.threads);
  ImGui::EndChild();
}

void AllocationsPanel::draw_head(const Found& found) {
  heading("Allocations");
  ImGui::SameLine(0, scaled(16));
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + scaled(5));
  std::string text = fmt::format("{} in {}", format_bytes(found.blocks.bytes),
                                 format_things(found.blocks.count, "block"));
  if (found.blocks.is_cut()) {
    text += fmt::format("; the first {} by this order are listed",
                        format_count(found.blocks.blocks.size()));
  }
  text_line(text);
  mark("allocations.total", text);
}

void AllocationsPanel::draw_table(PanelContext& context, const BlockQuestion& question,
                                  const Found& found) {
  const std::vector<TracedBlock>& blocks = found.blocks.blocks;
  const auto is_selected = [&](std::size_t row) {
    return selected_ && row < blocks.size() && blocks[row].seq == *selected_;
  };
  if (!is_selected(selected_row_)) {
    selected_row_ = 0;
    while (selected_ && selected_row_ < blocks.size() && !is_selected(selected_row_)) {
      ++selected_row_;
    }
  }
  const Table::Events events = table_.draw(
      "allocations", kColumns, blocks.size(),
      is_selected(selected_row_) ? std::optional(selected_row_) : std::nullopt,
      context.app,
      [&](std::size_t row, std::size_t column) {
        draw_cell(question, found, blocks[row], column);
      },
      [&](std::size_t row) {
        return fmt::format("{} {} {}", blocks[row].size, blocks[row].address,
                           function_of(*question.stacks, blocks[row].stack));
      });
  if (events.selected && *events.selected < blocks.size()) {
    selected_row_ = *events.selected;
    const TracedBlock& block = blocks[selected_row_];
    selected_ = block.seq;
    View next = context.app.view();
    next.clear_selection();
    next.stack = {block.stack};
    next.address = block.address;
    context.app.change(next);
  }
  if (context.app.take(Command::kExport)) {
    context.app.write_export("allocations.csv", as_csv(question, found));
  }
}

void AllocationsPanel::draw_cell(const BlockQuestion& question, const Found& found,
                                 const TracedBlock& block, std::size_t column) const {
  switch (column) {
    case kTime:
      return right_aligned(format_duration(block.t));
    case kSize:
      right_aligned(format_bytes(block.size));
      return tooltip(fmt::format("{} bytes", format_count(block.size)));
    case kLife:
      return right_aligned(format_duration(block.life(found.blocks.end_time)));
    case kEnd:
      if (block.is_leaked()) return coloured_text(theme().leak, "never freed");
      return faint_text(block.temporary ? "temporary" : "freed");
    case kThread:
      return text_line(thread_name(found.conditions.threads, block.thread));
    case kAddress:
      ImGui::PushFont(fonts().mono);
      text_line(fmt::format("{:#x}", block.address));
      return ImGui::PopFont();
    default:
      ImGui::PushFont(fonts().mono);
      function_line(function_of(*question.stacks, block.stack));
      return ImGui::PopFont();
  }
}

std::string AllocationsPanel::as_csv(const BlockQuestion& question,
                                     const Found& found) const {
  TableOutput table(TableFormat::kCsv, {"seq", "t", "address", "size", "thread",
                                        "freed_t", "temporary", "stack", "function"});
  for (const TracedBlock& block : found.blocks.blocks) {
    table.add({number_cell(block.seq), number_cell(block.t), number_cell(block.address),
               number_cell(block.size), number_cell(block.thread),
               block.is_leaked() ? Cell() : number_cell(block.free_t),
               number_cell(block.temporary ? 1 : 0), number_cell(block.stack),
               text_cell(function_of(*question.stacks, block.stack))});
  }
  return table.finish();
}

}  // namespace memoir
