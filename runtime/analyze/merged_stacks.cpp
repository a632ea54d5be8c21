#include "analyze/merged_stacks.h"

#include <algorithm>
#include <string_view>

namespace memoir {
namespace {

constexpr std::uint32_t kUnknown = ~std::uint32_t{0};

}  // namespace

MergedStacks::MergedStacks(const StackStore& one, const StackStore& other) {
  sources_[0].stacks = &one;
  sources_[1].stacks = &other;
  for (Source& source : sources_) {
    source.added.assign(source.stacks->size(), kUnknown);
    source.added[0] = 0;
    source.frames.resize(source.stacks->frames().frames());
    source.modules.resize(source.stacks->frames().modules());
    source.same_build.resize(source.stacks->frames().modules());
  }
  match_modules(sources_[0], sources_[1]);
  match_modules(sources_[1], sources_[0]);
}

void MergedStacks::match_modules(Source& source, const Source& other) {
  const FrameTable& frames = source.stacks->frames();
  const FrameTable& theirs = other.stacks->frames();
  FrameTable& merged = merged_->frames();
  std::unordered_map<std::string_view, std::uint32_t> known;
  for (std::uint32_t i = 1; i < merged.modules(); ++i) {
    known.emplace(merged.text(merged.module({i}).name), i);
  }
  for (std::uint32_t i = 1; i < frames.modules(); ++i) {
    const FrameTable::Module& module = frames.module({i});
    const std::string_view name = frames.text(module.name);
    const auto [entry, is_new] = known.try_emplace(name, 0);
    if (is_new) {
      entry->second = merged.add_module(frames.text(module.path), module.build_id).value;
    }
    source.modules[i] = {entry->second};
    for (std::uint32_t k = 1; k < theirs.modules() && !source.same_build[i]; ++k) {
      source.same_build[i] = theirs.module({k}).build_id == module.build_id &&
                             theirs.text(theirs.module({k}).name) == name;
    }
  }
}

TraceStackId MergedStacks::add(Side side, TraceStackId stack) {
  Source& source = sources_[side == Side::kOne ? 0 : 1];
  if (!source.stacks->has(stack)) return {};
  TraceStackId known = stack;
  for (; source.added[known.value] == kUnknown; known = source.stacks->parent(known)) {
    way_.push_back(known);
  }
  TraceStackId merged{source.added[known.value]};
  for (; !way_.empty(); way_.pop_back()) {
    const FrameId frame = merge_frame(source, source.stacks->frame(way_.back()));
    const FrameId place = merge_frame(source, source.stacks->place_frame(way_.back()));
    merged = step(merged, frame, place);
    source.added[way_.back().value] = merged.value;
  }
  return merged;
}

TraceStackId MergedStacks::step(TraceStackId parent, FrameId frame, FrameId place) {
  if (!frame) return parent;
  const bool repeats = frame.value < nameless_.size() && nameless_[frame.value] &&
                       merged_->frame(parent) == frame;
  if (repeats) {
    if (!merged_->place_frame(parent)) merged_->set_place(parent, place);
    return parent;
  }
  // A frame is never 0: neither is what is looked for.
  const auto [stack, is_new] =
      children_.insert(std::uint64_t{parent.value} << 32 | frame.value,
                       static_cast<std::uint32_t>(merged_->size()));
  if (is_new) {
    merged_->add(parent, frame, place);
  } else if (!merged_->place_frame({stack})) {
    merged_->set_place({stack}, place);
  }
  return {stack};
}

FrameLine MergedStacks::merge_line(const Source& source, const FrameLine& line) {
  FrameTable& merged = merged_->frames();
  FrameLine result = line;
  result.file = merged.names().intern(source.stacks->text(line.file));
  result.module = line.module.value < source.modules.size()
                      ? source.modules[line.module.value]
                      : ModuleId{};
  const bool keeps_address = line.module.value < source.same_build.size() &&
                             source.same_build[line.module.value];
  if (line.named || keeps_address) {
    result.function = merged.names().intern(source.stacks->text(line.function));
  } else {
    const std::string_view name = merged.text(merged.module(result.module).name);
    result.function = merged.names().intern(
        (name.empty() ? std::string("(no module)") : std::string(name)) +
        " (no symbols)");
  }
  return result;
}

void MergedStacks::keep_common_lines(FrameId merged, std::span<const FrameLine> lines) {
  const std::span<const FrameLine> known = merged_->frames().lines(merged);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].line != lines[i].line) merged_->frames().forget_line_number(merged, i);
  }
}

FrameId MergedStacks::merge_frame(Source& source, FrameId frame) {
  if (!frame || frame.value >= source.frames.size()) return {};
  FrameId& known = source.frames[frame.value];
  if (known) return known;
  std::vector<FrameLine> lines;
  std::string key;
  bool nameless = true;
  for (const FrameLine& line : source.stacks->frames().lines(frame)) {
    const FrameLine& made = lines.emplace_back(merge_line(source, line));
    for (const std::uint32_t part : {made.function.value, made.module.value,
                                     static_cast<std::uint32_t>(made.frame_class)}) {
      key.append(reinterpret_cast<const char*>(&part), sizeof part);
    }
    nameless = nameless && !line.named;
  }
  if (lines.empty()) return {};
  const auto [entry, is_new] = frames_.try_emplace(key);
  if (is_new) {
    FrameTable& merged = merged_->frames();
    entry->second = merged.next_frame();
    merged.add_frame(entry->second, lines.front().module,
                     source.stacks->frames().address(frame), lines);
    nameless_.resize(entry->second.value + std::size_t{1});
    nameless_[entry->second.value] = nameless;
    makers_.resize(nameless_.size());
    makers_[entry->second.value] = &source;
  } else if (makers_[entry->second.value] == &source) {
    keep_common_lines(entry->second, lines);
  }
  return known = entry->second;
}

}  // namespace memoir
