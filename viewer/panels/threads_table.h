#pragma once

// The threads of a process and what each did with the heap.
//
// Thread safety: the thread that draws.

#include <vector>

#include "analyze/threads.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/panels/block_question.h"
#include "viewer/widgets/table.h"

namespace memoir {

class ThreadsTable {
 public:
  void draw(PanelContext& context);
  bool is_waiting() const { return names_.is_running() || figures_.is_running(); }
  void forget();

 private:
  struct Row {
    ThreadSummary thread;
    ThreadFigures figures;
  };

  std::vector<Row> rows(bool has_figures) const;

  Answer<std::vector<ThreadSummary>> names_;
  Answer<std::vector<ThreadFigures>> figures_;
  std::optional<ProcessId> process_;
  Table table_{3, true};
};

}  // namespace memoir
