#pragma once

// The memory errors one process tells of: reads their records, translates their stacks,
// and enters them in the book.
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written.

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "collect/fault_book.h"
#include "collect/module_map.h"
#include "collect/session_mapping.h"
#include "collect/stack_translator.h"
#include "collect/trace_clock.h"
#include "wire/fault_record.h"

namespace memoir {

class FaultRecorder {
 public:
  // The name of a thread, "" for one that is not known.
  using ThreadName = std::function<std::string(std::uint32_t)>;

  FaultRecorder(const SessionMapping& session, StackTranslator& stacks,
                const TraceClock& clock, FaultBook& book, ProcessId process)
      : session_(session),
        stacks_(stacks),
        clock_(clock),
        book_(book),
        process_(process) {}

  // Event kFault. `scene` knows the process.
  void add(const Event& event, const ModuleMap& modules, FaultScene scene,
           const ThreadName& thread_name);
  // Event kFaultAgain. May come before the first one: each is on its thread's ring.
  void add_again(const Event& event);
  // The process has ended.
  void finish();

 private:
  struct Told {
    bool known = false;
    FaultBook::Entry entry = 0;
    std::uint64_t waiting = 0;  // times it was met before it was known
  };

  FaultRow make_row(const FaultRecord& record, const ModuleMap& modules);
  void say_told(std::uint64_t number);

  const SessionMapping& session_;
  StackTranslator& stacks_;
  const TraceClock& clock_;
  FaultBook& book_;
  ProcessId process_;
  std::unordered_map<std::uint64_t, Told> told_;  // by the program's number
};

}  // namespace memoir
