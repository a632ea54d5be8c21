#include "launcher/faults_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analyze/units.h"
#include "launcher/memory_dump.h"
#include "launcher/misuse_text.h"
#include "launcher/stack_text.h"
#include "trace/fault_names.h"

namespace memoir {
namespace {

constexpr std::size_t kFaultFrames = 24;
constexpr std::size_t kFaultIndent = 2;
constexpr std::size_t kLongestCommand = 40;

std::string thread_text(TraceThreadId thread, const std::string& name) {
  const std::string number = fmt::format("thread {}", thread.value);
  return name.empty() ? number : fmt::format("{} \"{}\"", number, printable(name));
}

// Whose thread: "thread 1 "worker" of process 4242 (./server --fast)".
std::string actor(const Fault& fault) {
  std::string text = thread_text(fault.row.thread, fault.thread);
  text += fmt::format(" of process {}", fault.pid);
  if (!fault.command.empty()) {
    text +=
        fmt::format(" ({})", shorten_middle(printable(fault.command), kLongestCommand));
  }
  return text;
}

// Without what is Memoir's and the allocator's at the inner end.
std::span<const StackFrame> program_frames(const std::vector<StackFrame>& stack) {
  const auto first = std::find_if(stack.begin(), stack.end(),
                                  [](const StackFrame& frame) { return !frame.skipped; });
  if (first == stack.end()) return stack;
  return {first, stack.end()};
}

std::string line(std::string_view text) {
  return fmt::format("{:{}}{}\n", "", kFaultIndent, text);
}

std::string frames(const std::vector<StackFrame>& stack, std::size_t most,
                   const TextStyle& style) {
  if (stack.empty()) {
    return std::string(kFaultIndent * 2, ' ') + style.dim("(no call stack)") + "\n";
  }
  return render_stack(program_frames(stack), kFaultIndent * 2, most, style,
                      FrameNumbers::kShown);
}

std::string api_text(Api api) {
  return api == Api::kUnknown ? "" : fmt::format(" by {}", api_name(api));
}

// What was found late: when, and by whom.
std::string render_discovery(const Fault& fault, const FaultStacks& stacks,
                             const TextStyle& style) {
  const FaultRow& row = fault.row;
  const std::string thread = thread_text(row.thread, fault.thread);
  if (row.block_live && row.free_api != Api::kUnknown) {
    const bool moved =
        row.free_api == Api::kRealloc || row.free_api == Api::kReallocarray;
    return line(fmt::format("found later, when it was {}{} in {}",
                            moved ? "moved" : "freed", api_text(row.free_api), thread)) +
           frames(stacks.access, kFaultFrames, style);
  }
  if (row.at_end) return line("found when the program ended");
  // Whoever needed memory: that says when at most.
  constexpr std::size_t kFew = 4;
  return line("found later, by " + thread) + frames(stacks.access, kFew, style);
}

std::string render_block(const Fault& fault, const FaultStacks& stacks,
                         const TextStyle& style) {
  const FaultRow& row = fault.row;
  std::string text =
      fmt::format("{} block at 0x{:x}, allocated{} in {}",
                  row.block_size == 1 ? "1-byte" : fmt::format("{}-byte", row.block_size),
                  row.block_address, api_text(row.alloc_api),
                  row.late ? "" : thread_text(row.alloc_thread, fault.alloc_thread));
  if (row.late) {
    // It stands first, and says whose process it was.
    Fault allocation = fault;
    allocation.row.thread = row.alloc_thread;
    allocation.thread = fault.alloc_thread;
    text += actor(allocation);
  }
  text = line(text) + frames(stacks.alloc, kFaultFrames, style);
  if (!row.free_stack) return text;
  const bool again = row.kind == FaultKind::kDoubleFree;
  const Api freed_by = again ? static_cast<Api>(row.claimed) : row.free_api;
  text += line(fmt::format("freed{}{} in {}", again ? " before" : "", api_text(freed_by),
                           thread_text(row.free_thread, fault.free_thread)));
  return text + frames(stacks.free, kFaultFrames, style);
}

bool concerns_bytes(FaultKind kind) {
  return kind == FaultKind::kHeapBufferOverflow ||
         kind == FaultKind::kHeapBufferUnderflow || kind == FaultKind::kUseAfterFree ||
         kind == FaultKind::kWriteAfterFree;
}

std::string render_bytes(const FaultRow& row, const TextStyle& style) {
  if (!concerns_bytes(row.kind)) return {};
  const std::uint64_t length = row.late ? row.damaged : row.size;
  MemoryDump dump{row.dump_address, row.dump, row.address, length};
  if (row.place == MemoryPlace::kBlock) {
    dump.block = row.block_address;
    dump.block_end = row.block_address + row.block_size;
  }
  return render_dump(dump, kFaultIndent, style);
}

std::string describe_silenced(const FaultReport& report, const TextStyle& style) {
  return "\n" +
         style.dim(fmt::format("{} by suppressions",
                               format_things(report.silenced, "silenced report"))) +
         "\n";
}

}  // namespace

FaultStacks expand_stacks(const FaultRow& fault, StackExpander& expander) {
  return {expander.expand(fault.stack), expander.expand(fault.alloc_stack),
          expander.expand(fault.free_stack)};
}

const StackFrame* place_frame(const std::vector<StackFrame>& stack) {
  const std::span<const StackFrame> frames = program_frames(stack);
  return frames.empty() ? nullptr : &frames.front();
}

std::string render_fault(const Fault& fault, const FaultStacks& stacks,
                         std::string_view prefix, const TextStyle& style) {
  const FaultRow& row = fault.row;
  std::string text = std::string(prefix) + style.bold(printable(row.message)) + "\n";
  const bool block = row.place == MemoryPlace::kBlock;
  if (row.misuse) {
    text +=
        render_misuse(fault, actor(fault), frames(stacks.access, kFaultFrames, style));
  } else if (row.late && block) {
    text += render_block(fault, stacks, style);
    text += render_discovery(fault, stacks, style);
  } else {
    std::string by = "by " + actor(fault);
    if (!row.library_function.empty()) {
      by += fmt::format(", in {}, called from", printable(row.library_function));
    }
    text += line(by) + frames(stacks.access, kFaultFrames, style);
    if (block) text += render_block(fault, stacks, style);
  }
  if (row.whole_t) {
    text += line(fmt::format("last seen whole {} after the start, by a sweep",
                             format_duration(*row.whole_t)));
  }
  text += render_bytes(row, style);
  if (row.count > 1) text += line(fmt::format("met {} times", format_count(row.count)));
  if (const std::string rule = suppression_line(fault); !rule.empty()) {
    text += line(style.dim("suppress with  " + rule));
  }
  return text;
}

std::string describe_counts(const FaultReport& report) {
  std::string text = format_things(report.different, "memory error");
  std::string_view separator = ": ";
  for (const FaultCount& count : report.counts) {
    text += fmt::format("{}{} {}", separator, format_count(count.different), count.title);
    separator = ", ";
  }
  return text;
}

std::string render_faults(const FaultReport& report, StackExpander& expander,
                          const TextStyle& style) {
  if (report.different == 0) {
    if (!report.were_sought) {
      return "Memory errors were not looked for: the program ran in profile mode.\n";
    }
    std::string text = "No memory errors were found.\n";
    if (report.silenced != 0) text += describe_silenced(report, style);
    return text;
  }
  std::string text = style.bold(describe_counts(report)) + "\n";
  std::size_t number = 0;
  for (const Fault& fault : report.faults) {
    text += "\n" + render_fault(fault, expand_stacks(fault.row, expander),
                                fmt::format("{}. ", ++number), style);
  }
  // Pools say more by themselves.
  const auto late = std::count_if(
      report.faults.begin(), report.faults.end(),
      [](const Fault& fault) { return fault.row.late && !fault.row.misuse; });
  const auto end_line = [&](const std::string& words) {
    text += "\n" + style.dim(words) + "\n";
  };
  if (late != 0) {
    end_line(
        fmt::format("{} found some time after: memoir run --pin, with this trace, stops "
                    "at the instruction",
                    late == 1 ? "One was" : fmt::format("{} were", late)));
  }
  if (number < report.different) {
    end_line(fmt::format("{} more (--top N shows them)",
                         format_things(report.different - number, "memory error")));
  }
  if (report.silenced != 0) text += describe_silenced(report, style);
  return text;
}

}  // namespace memoir
