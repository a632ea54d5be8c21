#include "launcher/fault_printer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "launcher/faults_text.h"
#include "trace/fault_names.h"

namespace memoir {
namespace {

// Who has more has one that matters, and does not read on.
constexpr std::uint64_t kMostShown = 1000;

Fault make_fault(const FaultRow& row, const FaultScene& scene,
                 const FaultStacks& stacks) {
  Fault fault;
  fault.row = row;
  fault.kind = fault_name(row.kind);
  fault.pid = scene.pid;
  fault.command = scene.command;
  fault.thread = scene.thread;
  fault.alloc_thread = scene.alloc_thread;
  fault.free_thread = scene.free_thread;
  const bool of_allocation = row.place_stack() == row.alloc_stack;
  if (const StackFrame* place =
          place_frame(of_allocation ? stacks.alloc : stacks.access)) {
    fault.function = place->function;
    fault.file = place->file;
    fault.line = place->line;
    fault.module = place->module;
  }
  take_named_place(fault);
  return fault;
}

}  // namespace

FaultPrinter::FaultPrinter(TraceWriter& writer, Suppressions suppressions, int output,
                           OnFault on_fault)
    : writer_(writer),
      suppressions_(std::move(suppressions)),
      output_(output),
      on_fault_(on_fault),
      style_(terminal_style(output)) {
  for (const Suppression& rule : suppressions_.rules()) {
    writer_.put_suppression(rule.rule(), 0, 0);
  }
}

StackExpander FaultPrinter::expander() {
  return StackExpander(
      writer_.database(),
      [this](std::string_view module, std::string_view build_id, std::uint64_t address) {
        return names_.find(module, build_id, address);
      });
}

std::optional<std::string> FaultPrinter::silenced_by(const FaultRow& fault) {
  const std::string_view kind = fault_name(fault.kind);
  if (!suppressions_.concern(kind)) return std::nullopt;
  StackExpander expand = expander();
  const FaultStacks stacks = expand_stacks(fault, expand);
  const Suppression* rule = suppressions_.match(kind, {stacks.access, stacks.alloc});
  return rule == nullptr ? std::nullopt : std::optional(rule->rule());
}

void FaultPrinter::show(const FaultRow& fault, const FaultScene& scene) {
  if (output_ < 0 || ++shown_ > kMostShown) return;
  StackExpander expand = expander();
  const FaultStacks stacks = expand_stacks(fault, expand);
  std::string text =
      render_fault(make_fault(fault, scene, stacks), stacks, "memoir: ", style_);
  if (on_fault_ == OnFault::kStop) {
    text += fmt::format(
        "  process {} is stopped: kill -CONT {} lets it go on, gdb -p {} looks at it\n",
        scene.pid, scene.pid, scene.pid);
  }
  if (shown_ == kMostShown) {
    text += "memoir: more memory errors are recorded, but not printed\n";
  }
  print(text);
}

void FaultPrinter::print(const std::string& text) const {
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t written = write(output_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace memoir
