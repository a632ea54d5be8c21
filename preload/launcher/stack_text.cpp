#include "launcher/stack_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "analyze/short_name.h"
#include "analyze/units.h"

namespace memoir {
namespace {

constexpr std::size_t kLongestLocation = 32;

bool has_no_name(std::string_view function, std::string_view module) {
  const std::string_view name = base_name(module);
  return function.starts_with(name) && function.substr(name.size()).starts_with("+0x");
}

// Frames in a row that say the same: direct recursion.
struct Fold {
  const StackFrame* frame;
  std::size_t count;
  std::size_t number;  // of the first one
};

std::vector<Fold> fold(std::span<const StackFrame> frames) {
  std::vector<Fold> folds;
  for (const StackFrame& frame : frames) {
    const bool again = !folds.empty() && folds.back().frame->function == frame.function &&
                       folds.back().frame->file == frame.file &&
                       folds.back().frame->line == frame.line;
    if (again) {
      ++folds.back().count;
    } else {
      folds.push_back({&frame, 1, static_cast<std::size_t>(&frame - frames.data())});
    }
  }
  return folds;
}

// `above` is the frame printed before, or null: a module is named once in a row.
std::string render_frame(const Fold& fold, const StackFrame* above, std::size_t margin,
                         FrameNumbers numbers, const TextStyle& style) {
  const StackFrame& frame = *fold.frame;
  const std::string number = numbers == FrameNumbers::kShown
                                 ? fmt::format("{:<4}", fmt::format("#{}", fold.number))
                                 : "";
  const std::size_t indent = margin + number.size();
  const std::string times =
      fold.count == 1 ? "" : fmt::format(" x {}", format_count(fold.count));
  const bool said = above != nullptr && frame.file.empty() && above->file.empty() &&
                    above->module == frame.module;
  const std::string location =
      (said ? ""
            : shorten_front(
                  short_location(frame.function, frame.file, frame.line, frame.module),
                  kLongestLocation)) +
      times;
  const std::size_t room =
      style.width - indent - (location.empty() ? 0 : 2 + display_width(location));
  const std::string function = short_name(frame.function, room);
  const std::size_t gap = room - display_width(function) + 2;
  const std::string blank(location.empty() ? 0 : gap, ' ');
  return std::string(margin, ' ') + style.dim(number) +
         (frame.skipped ? style.dim(function) : function) + blank + style.dim(location) +
         "\n";
}

// Without what the C library does before main(), which is the same for every stack.
std::span<const StackFrame> without_startup(std::span<const StackFrame> frames) {
  for (std::size_t i = frames.size(); i-- > 0;) {
    if (frames[i].function == "main") return frames.first(i + 1);
  }
  return frames;
}

}  // namespace

std::string short_location(std::string_view function, std::string_view file,
                           std::int64_t line, std::string_view module) {
  if (!file.empty()) {
    return printable(line > 0 ? fmt::format("{}:{}", base_name(file), line)
                              : std::string(base_name(file)));
  }
  if (module.empty() || has_no_name(function, module)) return {};
  return printable(fmt::format("[{}]", base_name(module)));
}

std::string long_location(std::string_view file, std::int64_t line,
                          std::string_view module, std::size_t width) {
  const std::string text = file.empty() ? std::string(module)
                           : line > 0   ? fmt::format("{}:{}", file, line)
                                        : std::string(file);
  return shorten_front(printable(text), width);
}

std::string render_stack(std::span<const StackFrame> all_frames, std::size_t indent,
                         std::size_t most, const TextStyle& style, FrameNumbers numbers) {
  const std::vector<Fold> folds = fold(without_startup(all_frames));
  std::string text;
  const StackFrame* above = nullptr;
  // Hiding a single line would take as much room as showing it.
  const bool all = folds.size() <= most + 1;
  const std::size_t head = all ? folds.size() : most - 1;
  for (std::size_t i = 0; i < head; ++i) {
    text += render_frame(folds[i], above, indent, numbers, style);
    above = folds[i].frame;
  }
  if (all) return text;
  std::size_t hidden = 0;
  for (std::size_t i = head; i + 1 < folds.size(); ++i) hidden += folds[i].count;
  const std::string gap = fmt::format("... {} more ...", format_count(hidden));
  text += std::string(indent, ' ') + style.dim(gap) + "\n";
  return text + render_frame(folds.back(), nullptr, indent, numbers, style);
}

}  // namespace memoir
