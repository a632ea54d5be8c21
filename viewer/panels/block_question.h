#pragma once

// What panels that show blocks ask alike: the process, filter and range of the view,
// turned into conditions on blocks. Made on a worker.
//
// Thread safety: plain values.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "analyze/block_filter.h"
#include "analyze/event_index.h"
#include "analyze/filter.h"
#include "analyze/stack_store.h"
#include "viewer/view.h"
#include "viewer/worker.h"

namespace memoir {

struct PanelContext;

// Of the view, what decides about blocks; `key` is that of the question.
struct BlockQuestion {
  std::shared_ptr<const EventIndex> index;
  Stacks stacks;
  ProcessId process;
  std::string filter;
  std::optional<TimeRange> range;
  std::string key;
};

struct BlockConditions {
  BlockFilter filter;
  std::uint64_t begin = 0, end = 0;  // moments
  std::optional<FilterError> error;  // of the filter's words
  bool takes_nothing = false;
  std::map<std::uint32_t, std::string> threads;  // names by number
};

// Nothing while the index or the stacks are on their way, or cannot be had: then it has
// drawn that instead.
std::optional<BlockQuestion> ask_for_blocks(PanelContext& context);

// The same without a word about why there is none.
std::optional<BlockQuestion> find_block_question(PanelContext& context);

BlockConditions conditions_of(const BlockQuestion& question, QueryContext& query);

// Says of which process a panel speaks, where the trace has several; and what is wrong
// with the filter.
void draw_block_question(PanelContext& context, const BlockQuestion& question,
                         const std::optional<FilterError>& error);

// "worker-3", or its number.
std::string thread_name(const std::map<std::uint32_t, std::string>& threads,
                        std::uint32_t thread);
// The function that a stack is attributed to.
std::string_view function_of(const StackStore& stacks, std::uint32_t stack);

}  // namespace memoir
