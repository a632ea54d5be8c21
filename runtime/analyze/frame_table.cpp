#include "analyze/frame_table.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace memoir {
namespace {

// Ids are dense. Wild ones of a damaged trace must not cost whoever indexes by them dear.
constexpr std::int64_t kLargestGap = 1 << 20;

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

FrameClass frame_class(std::int64_t skip) {
  return skip >= 0 && skip <= 4 ? static_cast<FrameClass>(skip) : FrameClass::kAllocator;
}

// Names of functions and files by their id in the trace.
class Strings {
 public:
  Strings(Database& database, NameTable& names) {
    Statement rows = database.prepare("SELECT id, s FROM string ORDER BY id");
    for (std::int64_t seen = 0; rows.step(); ++seen) {
      const std::int64_t id = rows.integer(0);
      if (id < 0 || id > seen + kLargestGap) continue;
      if (id >= static_cast<std::int64_t>(names_.size())) {
        names_.resize(static_cast<std::size_t>(id) + 1);
      }
      names_[static_cast<std::size_t>(id)] = names.intern(rows.text(1));
    }
  }

  NameId find(std::int64_t id) const {
    return id >= 0 && id < static_cast<std::int64_t>(names_.size())
               ? names_[static_cast<std::size_t>(id)]
               : NameId{};
  }

 private:
  std::vector<NameId> names_;
};

// The rows of `frame_line`, in the order of their frames.
class LineRows {
 public:
  explicit LineRows(Database& database)
      : rows_(database.prepare("SELECT frame, function, file, line, inlined, skip"
                               " FROM frame_line ORDER BY frame, depth")),
        ready_(rows_.step()) {}

  // Calls use(row) for those of the frame. Frames must be asked for in order.
  template <typename Use>
  void for_frame(std::int64_t frame, Use use) {
    for (; ready_ && rows_.integer(0) <= frame; ready_ = rows_.step()) {
      if (rows_.integer(0) == frame) use(rows_);
    }
  }

 private:
  Statement rows_;
  bool ready_;
};

}  // namespace

bool is_system_module(std::string_view path) {
  constexpr std::string_view kFolders[] = {
      "/usr/lib", "/usr/bin/", "/usr/sbin/", "/usr/libexec/", "/lib/",      "/lib32/",
      "/lib64/",  "/bin/",     "/sbin/",     "/libx32/",      "linux-vdso", "[vdso]"};
  return std::any_of(
      std::begin(kFolders), std::end(kFolders),
      [path](std::string_view folder) { return path.starts_with(folder); });
}

void FrameTable::load(Database& database, const FrameNamer& name) {
  load_modules(database);
  load_frames(database, name);
}

ModuleId FrameTable::add_module(std::string_view path, std::string_view build_id) {
  modules_.push_back({names_.intern(path), names_.intern(last_part(path)),
                      std::string(build_id), is_system_module(path)});
  return {static_cast<std::uint32_t>(modules_.size() - 1)};
}

void FrameTable::add_frame(FrameId frame, ModuleId module, std::uint64_t address,
                           std::span<const FrameLine> lines) {
  // Numbers between are frames without lines.
  line_begins_.resize(frame.value + std::size_t{1},
                      static_cast<std::uint32_t>(lines_.size()));
  addresses_.resize(frame.value);
  frame_modules_.resize(frame.value);
  addresses_.push_back(address);
  frame_modules_.push_back(module);
  if (lines.empty()) {
    lines_.push_back(nameless(module, address));
  } else {
    lines_.insert(lines_.end(), lines.begin(), lines.end());
  }
  line_begins_.push_back(static_cast<std::uint32_t>(lines_.size()));
}

void FrameTable::forget_line_number(FrameId frame, std::size_t line) {
  lines_[line_begins_[frame.value] + line].line = 0;
}

std::span<const FrameLine> FrameTable::lines(FrameId frame) const {
  if (frame.value == 0 || frame.value >= addresses_.size()) return {};
  return {lines_.data() + line_begins_[frame.value],
          lines_.data() + line_begins_[frame.value + 1]};
}

const FrameLine* FrameTable::place(FrameId frame) const {
  const std::span<const FrameLine> all = lines(frame);
  for (const FrameLine& line : all) {
    if (line.frame_class == FrameClass::kProgram) return &line;
  }
  return all.empty() ? nullptr : &all.back();
}

ModuleId FrameTable::module_of(FrameId frame) const {
  return frame.value < frame_modules_.size() ? frame_modules_[frame.value] : ModuleId{};
}

std::uint64_t FrameTable::address(FrameId frame) const {
  return frame.value < addresses_.size() ? addresses_[frame.value] : 0;
}

const FrameTable::Module& FrameTable::module(ModuleId module) const {
  return modules_[module.value < modules_.size() ? module.value : 0];
}

void FrameTable::load_modules(Database& database) {
  Statement rows = database.prepare("SELECT id, path, build_id FROM module ORDER BY id");
  for (std::int64_t seen = 0; rows.step(); ++seen) {
    const std::int64_t id = rows.integer(0);
    const auto next = static_cast<std::int64_t>(modules_.size());
    if (id < next || id > seen + kLargestGap) continue;
    modules_.resize(static_cast<std::size_t>(id));
    add_module(rows.text(1), rows.text(2));
  }
}

void FrameTable::load_frames(Database& database, const FrameNamer& name) {
  const Strings strings(database, names_);
  LineRows line_rows(database);
  Statement rows = database.prepare("SELECT id, module, address FROM frame ORDER BY id");
  std::vector<FrameLine> lines;
  for (std::int64_t seen = 0; rows.step(); ++seen) {
    const std::int64_t id = rows.integer(0);
    const auto next = static_cast<std::int64_t>(frames());
    if (id < next || id > seen + kLargestGap) continue;
    const std::int64_t module_number = rows.integer(1);
    const bool known =
        module_number > 0 && module_number < static_cast<std::int64_t>(modules());
    const ModuleId module{known ? static_cast<std::uint32_t>(module_number) : 0};
    const std::uint64_t address = rows.natural(2);
    lines.clear();
    line_rows.for_frame(id, [&](const Statement& row) {
      FrameLine line{strings.find(row.integer(1)),
                     strings.find(row.integer(2)),
                     static_cast<std::uint32_t>(row.integer(3)),
                     module,
                     frame_class(row.integer(5)),
                     row.integer(4) != 0,
                     true};
      if (!line.function) {
        line.function = nameless(module, address).function;
        line.named = false;
      }
      lines.push_back(line);
    });
    if (lines.empty() && name && module) {
      for (const StackFrame& frame : name(text(modules_[module.value].path),
                                          modules_[module.value].build_id, address)) {
        lines.push_back({names_.intern(frame.function), names_.intern(frame.file),
                         static_cast<std::uint32_t>(frame.line), module,
                         frame.skipped ? FrameClass::kAllocator : FrameClass::kProgram,
                         frame.inlined, true});
      }
    }
    add_frame({static_cast<std::uint32_t>(id)}, module, address, lines);
  }
}

FrameLine FrameTable::nameless(ModuleId module, std::uint64_t address) {
  char offset[32];
  std::snprintf(offset, sizeof offset, "0x%llx",
                static_cast<unsigned long long>(address));
  const std::string_view module_name = text(this->module(module).name);
  FrameLine line;
  line.function = names_.intern(
      module_name.empty() ? offset : std::string(module_name) + "+" + offset);
  line.module = module;
  return line;
}

}  // namespace memoir
