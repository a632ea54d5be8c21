#include "analyze/stack_store.h"

#include "trace/stack_run.h"

namespace memoir {

StackStore::StackStore(Database& database, const FrameNamer& name) : StackStore() {
  frames_.load(database, name);
  for_each_stack(database, [this](std::uint32_t stack, StackStep step) {
    put(stack, {step.parent}, {step.frame});
  });
  places_.resize(steps_.size());
  Statement rows = database.prepare("SELECT stack, frame FROM attribution");
  while (rows.step()) {
    const std::int64_t stack = rows.integer(0);
    if (stack < 1 || stack >= static_cast<std::int64_t>(places_.size())) continue;
    places_[static_cast<std::size_t>(stack)] = {
        static_cast<std::uint32_t>(rows.integer(1))};
  }
}

void StackStore::put(std::uint32_t stack, TraceStackId parent, FrameId frame) {
  if (stack == 0) return;
  if (stack >= steps_.size()) steps_.resize(stack + std::size_t{1});
  steps_[stack] = {parent.value < stack ? parent : TraceStackId{}, frame};
}

TraceStackId StackStore::add(TraceStackId parent, FrameId frame, FrameId place) {
  const TraceStackId stack{static_cast<std::uint32_t>(steps_.size())};
  put(stack.value, parent, frame);
  set_place(stack, place);
  return stack;
}

void StackStore::set_place(TraceStackId stack, FrameId place) {
  if (stack.value >= places_.size()) places_.resize(stack.value + std::size_t{1});
  places_[stack.value] = place;
}

std::vector<StackFrame> StackStore::expand(TraceStackId stack) const {
  std::vector<StackFrame> frames;
  for (; has(stack); stack = parent(stack)) {
    for (const FrameLine& line : frames_.lines(frame(stack))) {
      StackFrame& shown = frames.emplace_back();
      shown.function = text(line.function);
      shown.file = text(line.file);
      shown.line = line.line;
      shown.module = text(frames_.module(line.module).path);
      shown.address = frames_.address(frame(stack));
      shown.inlined = line.inlined;
      shown.skipped = line.frame_class != FrameClass::kProgram;
    }
  }
  return frames;
}

}  // namespace memoir
