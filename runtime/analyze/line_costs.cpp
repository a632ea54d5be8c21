#include "analyze/line_costs.h"

#include <algorithm>
#include <map>

namespace memoir {
namespace {

// Whether a stack goes through a file at all, for each of them. Callers come first.
std::vector<bool> stacks_through(const StackStore& stacks, NameId file) {
  std::vector<bool> frames(stacks.frames().frames());
  for (std::uint32_t i = 1; i < frames.size(); ++i) {
    const auto lines = stacks.frames().lines({i});
    frames[i] = std::any_of(lines.begin(), lines.end(),
                            [file](const FrameLine& line) { return line.file == file; });
  }
  std::vector<bool> through(stacks.size());
  for (std::uint32_t i = 1; i < through.size(); ++i) {
    const FrameId frame = stacks.frame({i});
    through[i] = (frame.value < frames.size() && frames[frame.value]) ||
                 through[stacks.parent({i}).value];
  }
  return through;
}

}  // namespace

std::vector<LineCost> line_costs(const StackStore& stacks,
                                 std::span<const StackCost> costs, NameId file) {
  std::map<std::uint32_t, LineCost> lines;
  if (!file) return {};
  const std::vector<bool> through = stacks_through(stacks, file);
  std::vector<std::uint32_t> met;  // lines of the stack that is looked at
  for (const StackCost& cost : costs) {
    if (cost.stack.value >= through.size() || !through[cost.stack.value]) continue;
    const FrameLine* place = stacks.place(cost.stack);
    if (place != nullptr && place->file == file) lines[place->line].self.add(cost.cost);
    met.clear();
    for (TraceStackId at = cost.stack; stacks.has(at) && through[at.value];
         at = stacks.parent(at)) {
      for (const FrameLine& line : stacks.frames().lines(stacks.frame(at))) {
        if (line.file == file) met.push_back(line.line);
      }
    }
    std::sort(met.begin(), met.end());
    met.erase(std::unique(met.begin(), met.end()), met.end());
    for (const std::uint32_t line : met) lines[line].total.add(cost.cost);
  }
  std::vector<LineCost> result;
  for (auto& [line, cost] : lines) {
    cost.line = line;
    result.push_back(cost);
  }
  return result;
}

std::vector<FileCost> file_costs(const StackStore& stacks,
                                 std::span<const StackCost> costs) {
  std::map<NameId, Cost> files;
  for (const StackCost& cost : costs) {
    const FrameLine* place = stacks.place(cost.stack);
    files[place == nullptr ? NameId{} : place->file].add(cost.cost);
  }
  std::vector<FileCost> result;
  for (const auto& [file, cost] : files) result.push_back({file, cost});
  std::stable_sort(
      result.begin(), result.end(),
      [](const FileCost& a, const FileCost& b) { return a.self.weight > b.self.weight; });
  return result;
}

}  // namespace memoir
