#include "symbolize/symbolize_trace.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "symbolize/early_symbols.h"
#include "symbolize/frame_lines.h"
#include "symbolize/stack_attribution.h"
#include "symbolize/symbolizer.h"
#include "trace/database.h"
#include "trace/stack_run.h"
#include "trace/stack_table.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

// Which logical frame of an address stands for it: the innermost one of the program, else
// the outermost.
std::size_t representative(const std::vector<FrameRole>& roles) {
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i] == FrameRole::kProgram) return i;
  }
  return roles.size() - 1;
}

class Progress {
 public:
  Progress(const SymbolizeProgress& callback, std::int64_t total)
      : callback_(callback), total_(total) {}

  void step() {
    if (callback_ && ++done_ % 256 == 0 && total_ > 0) {
      callback_(static_cast<double>(done_) / static_cast<double>(total_));
    }
  }

 private:
  const SymbolizeProgress& callback_;
  std::int64_t total_;
  std::int64_t done_ = 0;
};

std::string hex_address(std::uint64_t address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

constexpr const char* kFramesToDo =
    "SELECT f.id, f.module, f.address, m.path, m.build_id FROM frame f"
    " LEFT JOIN module m ON m.id = f.module"
    " WHERE NOT EXISTS (SELECT 1 FROM frame_line l WHERE l.frame = f.id)"
    " ORDER BY f.module, f.address";

// Opens a module, or goes on with what was opened early.
std::unique_ptr<Symbolizer> open_module(const Statement& frame, EarlySymbols* early) {
  std::unique_ptr<Symbolizer> symbolizer;
  if (early != nullptr) {
    symbolizer =
        early->take_symbolizer(ModuleId{static_cast<std::uint32_t>(frame.integer(1))});
  }
  if (symbolizer != nullptr) return symbolizer;
  return std::make_unique<Symbolizer>(frame.text(3), frame.text(4));
}

void symbolize_frames(Database& database, FrameLines& frame_lines, EarlySymbols* early,
                      Progress& progress) {
  Statement frames = database.prepare(kFramesToDo);
  std::unique_ptr<Symbolizer> symbolizer;
  std::int64_t current_module = -1;
  while (frames.step()) {
    const std::uint64_t address = frames.natural(2);
    std::vector<LogicalFrame> lines;
    if (frames.is_null(3)) {
      lines.push_back({.function = hex_address(address)});
    } else {
      if (symbolizer == nullptr || frames.integer(1) != current_module) {
        current_module = frames.integer(1);
        symbolizer = open_module(frames, early);
      }
      lines = symbolizer->lookup(address);
    }
    frame_lines.put(FrameId{static_cast<std::uint32_t>(frames.integer(0))}, lines);
    progress.step();
  }
}

// Reads what every address counts as, from the lines of all of them.
void read_roles(Database& database, StackAttribution& attribution) {
  Statement lines =
      database.prepare("SELECT frame, skip FROM frame_line ORDER BY frame, depth");
  std::uint32_t frame = 0;
  std::vector<FrameRole> roles;
  const auto finish_frame = [&] {
    if (!roles.empty()) attribution.set_frame(frame, roles[representative(roles)]);
    roles.clear();
  };
  while (lines.step()) {
    const auto next = static_cast<std::uint32_t>(lines.integer(0));
    if (next != frame) finish_frame();
    frame = next;
    roles.push_back(static_cast<FrameRole>(lines.integer(1)));
  }
  finish_frame();
}

void attribute_stacks(Database& database) {
  StackAttribution attribution;
  read_roles(database, attribution);
  std::vector<std::uint32_t> places = {0};  // by stack
  for_each_stack(database, [&](std::uint32_t stack, StackStep step) {
    if (stack >= places.size()) places.resize(stack + std::size_t{1});
    places[stack] = attribution.add(stack, step.parent, step.frame);
  });
  std::vector<std::uint32_t> to_do;
  Statement known = database.prepare("SELECT stack, frame FROM attribution");
  while (known.step()) {
    const std::int64_t stack = known.integer(0);
    if (stack < 1 || stack >= static_cast<std::int64_t>(places.size())) continue;
    const std::uint32_t place = places[static_cast<std::size_t>(stack)];
    if (place != 0 && place != known.integer(1)) {
      to_do.push_back(static_cast<std::uint32_t>(stack));
    }
  }
  Statement update =
      database.prepare("UPDATE attribution SET frame = ?2 WHERE stack = ?1");
  for (const std::uint32_t stack : to_do) update.run(stack, places[stack]);
}

// The same of a trace whose stacks are in memory, and whose rows are still to be written.
std::vector<std::uint32_t> places_of(Database& database, const StackTable& stacks) {
  StackAttribution attribution;
  read_roles(database, attribution);
  attribution.reserve(stacks.last());
  std::vector<std::uint32_t> places(stacks.last() + std::size_t{1});
  for (std::uint32_t stack = 1; stack < places.size(); ++stack) {
    const StackStep step = stacks.step(stack);
    places[stack] = attribution.add(stack, step.parent, step.frame);
  }
  return places;
}

std::int64_t frames_to_do(Database& database) {
  return database.query_integer(
      "SELECT count(*) FROM frame f WHERE NOT EXISTS"
      " (SELECT 1 FROM frame_line WHERE frame = f.id)");
}

}  // namespace

void symbolize_trace(Database& database, const SymbolizeProgress& progress,
                     bool ask_debuginfod) {
  // libdwfl would ask these servers on its own account.
  if (!ask_debuginfod) unsetenv("DEBUGINFOD_URLS");
  Transaction transaction(database);
  FrameLines frame_lines(database);
  Progress counted(progress, frames_to_do(database));
  symbolize_frames(database, frame_lines, nullptr, counted);
  attribute_stacks(database);
  transaction.commit();
  if (progress) progress(1);
}

void symbolize_trace(TraceWriter& writer, EarlySymbols& early,
                     const SymbolizeProgress& progress) {
  if (!writer.has_begun()) writer.begin();
  // What takes long must not be lost if we are killed meanwhile: what was recorded.
  constexpr std::int64_t kFew = 1000;
  Database& database = writer.database();
  FrameLines frame_lines(database);
  frame_lines.put(early.take());  // while it goes on
  early.stop();
  frame_lines.put(early.take());
  const std::int64_t to_do = frames_to_do(database);
  if (to_do > kFew) {
    writer.commit();
    writer.begin();
  }
  Progress counted(progress, to_do);
  symbolize_frames(database, frame_lines, &early, counted);
  writer.pack_sites(places_of(database, writer.stacks()));
  if (progress) progress(1);
}

bool needs_symbols(Database& database) {
  return database.query_integer(
             "SELECT EXISTS (SELECT 1 FROM frame f WHERE NOT EXISTS"
             " (SELECT 1 FROM frame_line l WHERE l.frame = f.id))") != 0;
}

}  // namespace memoir
