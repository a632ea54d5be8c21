#include "viewer/panels/block_question.h"

#include <fmt/format.h>
#include <imgui.h>

#include "analyze/filter_blocks.h"
#include "analyze/filter_stacks.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {

std::optional<BlockQuestion> ask_for_blocks(PanelContext& context) {
  const ProcessId process = context.session.main_process(context.app.view().process);
  auto& index = context.session.index(process);
  if (!answer_is_there(index, index.value() != nullptr)) return std::nullopt;
  auto& stacks = context.session.stacks();
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return std::nullopt;
  return find_block_question(context);
}

std::optional<BlockQuestion> find_block_question(PanelContext& context) {
  const View& view = context.app.view();
  BlockQuestion question;
  question.process = context.session.main_process(view.process);
  auto& index = context.session.index(question.process);
  auto& stacks = context.session.stacks();
  if (index.value() == nullptr || stacks.value() == nullptr) return std::nullopt;
  question.index = *index.value();
  question.stacks = *stacks.value();
  question.filter = view.filter;
  question.range = view.range;
  question.key = context.session.key(fmt::format(
      "{} {} {} {} {}", question.process.value, index.version(), question.filter,
      view.range ? view.range->begin : 0, view.range ? view.range->end : 0));
  return question;
}

BlockConditions conditions_of(const BlockQuestion& question, QueryContext& query) {
  BlockConditions conditions;
  const Filter filter = parse_filter(question.filter).filter;
  const FilterNames names = load_filter_names(query.database(), question.stacks);
  for (const FilterNames::Thread& thread : names.threads) {
    if (thread.process == question.process) {
      conditions.threads[thread.thread] = thread.name;
    }
  }
  CompiledFilter compiled = compile_blocks(
      filter, names, select_stacks(filter, *question.stacks), question.process);
  conditions.filter = std::move(compiled.blocks);
  conditions.error = std::move(compiled.error);
  conditions.takes_nothing = compiled.takes_nothing;
  const EventIndex::View view = question.index->view();
  conditions.end = view->events;
  if (question.range) {
    const std::uint64_t before = question.range->begin;
    conditions.begin = before == 0 ? 0 : view.moment_at(before - 1);
    conditions.end = view.moment_at(question.range->end);
  }
  return conditions;
}

void draw_block_question(PanelContext& context, const BlockQuestion& question,
                         const std::optional<FilterError>& error) {
  const auto& processes = context.session.facts()->run.processes;
  if (processes.size() > 1 && !context.app.view().process) {
    for (const ProcessSummary& process : processes) {
      if (process.id != question.process) continue;
      faint_text(
          fmt::format("Of process {} alone, {}, which has the most events: choose"
                      " another one in Processes",
                      process.pid, process.command));
      mark("blocks.process");
    }
  }
  if (error) {
    coloured_text(theme().warning, fmt::format("The filter: {}", error->message));
    mark("blocks.filter_error", error->message);
  }
}

std::string thread_name(const std::map<std::uint32_t, std::string>& threads,
                        std::uint32_t thread) {
  const auto found = threads.find(thread);
  if (found == threads.end() || found->second.empty()) return fmt::format("{}", thread);
  return found->second;
}

std::string_view function_of(const StackStore& stacks, std::uint32_t stack) {
  const FrameLine* place = stacks.place({stack});
  return place == nullptr ? kNoCallStack : stacks.text(place->function);
}

}  // namespace memoir
