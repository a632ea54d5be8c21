#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "symbolize/demangle.h"
#include "symbolize/dwarf_index.h"
#include "symbolize/inline_scopes.h"
#include "symbolize/symbol_index.h"
#include "symbolize/symbolizer.h"
#include "symbolize/unit_lines.h"
#include "symbolize/unpacked_debug_file.h"
#include "symbolize/watched_file.h"

namespace memoir {
namespace {

// Whoever uses libdw, for any module.
std::mutex& libdw_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::string hex(std::uint64_t value) {
  std::string text;
  do {
    text += "0123456789abcdef"[value & 15];
    value >>= 4;
  } while (value != 0);
  std::reverse(text.begin(), text.end());
  return "0x" + text;
}

std::string hex_bytes(const unsigned char* bytes, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "0123456789abcdef"[bytes[i] >> 4];
    text += "0123456789abcdef"[bytes[i] & 15];
  }
  return text;
}

std::string build_id_of(Dwfl_Module* module) {
  GElf_Addr bias = 0;
  if (dwfl_module_getelf(module, &bias) == nullptr) return {};
  const unsigned char* bits = nullptr;
  GElf_Addr address = 0;
  const int count = dwfl_module_build_id(module, &bits, &address);
  return count > 0 ? hex_bytes(bits, count) : std::string();
}

// What is found by its build id where distributions put such files. The standard way
// opens what it finds at once, and libdw then unpacks it.
int unpacked_by_build_id(Dwfl_Module* module, char** found_name) {
  const std::string id = build_id_of(module);
  if (id.size() < 4) return -1;
  const std::string path =
      "/usr/lib/debug/.build-id/" + id.substr(0, 2) + '/' + id.substr(2) + ".debug";
  const int packed = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (packed < 0) return -1;
  const int unpacked = unpacked_debug_file(packed);
  close(packed);
  if (unpacked < 0) return -1;
  Elf* elf = elf_begin(unpacked, ELF_C_READ_MMAP, nullptr);
  const void* bits = nullptr;
  const ssize_t count = elf == nullptr ? 0 : dwelf_elf_gnu_build_id(elf, &bits);
  const bool is_right = count > 0 && hex_bytes(static_cast<const unsigned char*>(bits),
                                               static_cast<int>(count)) == id;
  elf_end(elf);
  // libdwfl frees the name.
  char* name = is_right ? strdup(path.c_str()) : nullptr;
  if (name == nullptr) {
    close(unpacked);
    return -1;
  }
  *found_name = name;
  return unpacked;
}

int find_debuginfo(Dwfl_Module* module, void** user_data, const char* module_name,
                   Dwarf_Addr base, const char* file_name, const char* debuglink_file,
                   GElf_Word debuglink_crc, char** found_name) {
  const int unpacked = unpacked_by_build_id(module, found_name);
  if (unpacked >= 0) return unpacked;
  return dwfl_standard_find_debuginfo(module, user_data, module_name, base, file_name,
                                      debuglink_file, debuglink_crc, found_name);
}

constexpr Dwfl_Callbacks kCallbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = find_debuginfo,
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = nullptr,
};

// The linker's name of a function, where the debug information has it: not for C, and not
// for C++ functions with internal linkage.
std::string linkage_name(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  for (const unsigned which : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    if (dwarf_attr_integrate(die, which, &attribute) == nullptr) continue;
    const char* name = dwarf_formstring(&attribute);
    if (name != nullptr && *name != '\0') return name;
  }
  return {};
}

bool is_c(Dwarf_Die* die) {
  Dwarf_Die unit;
  if (dwarf_diecu(die, &unit, nullptr, nullptr) == nullptr) return false;
  switch (dwarf_srclang(&unit)) {
    case DW_LANG_C:
    case DW_LANG_C89:
    case DW_LANG_C99:
    case DW_LANG_C11:
      return true;
    default:
      return false;
  }
}

// What a name inside this namespace or class begins with.
std::string prefix_of(Dwarf_Die* scope) {
  if (!may_hold_functions(dwarf_tag(scope))) return {};
  const char* name = dwarf_diename(scope);
  return std::string(name == nullptr ? "(anonymous namespace)" : name) + "::";
}

// The name in the source, with the namespaces and classes around it. `reader` is of the
// unit that most entries come from.
std::string source_name(Dwarf_Die* die, const DieReader& reader) {
  const char* own = dwarf_diename(die);  // also through its abstract origin
  if (own == nullptr) return {};
  if (is_c(die)) return own;
  Dwarf_Attribute attribute;
  Dwarf_Die declared = *die;
  for (const unsigned which : {DW_AT_abstract_origin, DW_AT_specification}) {
    Dwarf_Die origin;
    if (dwarf_attr(&declared, which, &attribute) == nullptr) continue;
    if (dwarf_formref_die(&attribute, &origin) != nullptr) declared = origin;
  }
  std::string name;
  if (declared.cu == die->cu) {
    for (const Dwarf_Off around : entries_around(reader, dwarf_dieoffset(&declared))) {
      Dwarf_Die scope = reader.die(around);
      name += prefix_of(&scope);
    }
    return name + own;
  }
  Dwarf_Die* scopes = nullptr;
  const int count = dwarf_getscopes_die(&declared, &scopes);
  for (int i = 1; i < count; ++i) name.insert(0, prefix_of(&scopes[i]));
  std::free(scopes);
  return name + own;
}

std::optional<std::uint64_t> number(Dwarf_Die* die, unsigned which) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(die, which, &attribute) == nullptr ||
      dwarf_formudata(&attribute, &value) != 0) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

struct Symbolizer::State {
  struct ReadableName {
    std::string text;
    FrameRole role = FrameRole::kProgram;
  };
  struct EntryName {
    std::string linkage;  // "" where there is none
    std::optional<std::string> source;
  };

  State(std::string_view module_path, std::string_view build_id) : path(module_path) {
    // Neither "[vdso]" nor a path from somewhere else may be opened relative to here.
    if (!path.starts_with('/')) return;
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none)) return;
    file = WatchedFile(path);
    dwfl.reset(dwfl_begin(&kCallbacks));
    if (dwfl == nullptr) return;
    dwfl_report_begin(dwfl.get());
    module = dwfl_report_elf(dwfl.get(), path.c_str(), path.c_str(), -1, 0, true);
    dwfl_report_end(dwfl.get(), nullptr, nullptr);
    if (module == nullptr) return;
    // It may have been replaced between the two times that it was opened.
    if (!file.is_at(path) || (!build_id.empty() && build_id_of(module) != build_id)) {
      module = nullptr;
    }
  }

  struct EndDwfl {
    void operator()(Dwfl* session) const { dwfl_end(session); }
  };

  DwarfIndex* dwarf_index() {
    if (!dwarf_asked) {
      dwarf_asked = true;
      Dwarf* dwarf = dwfl_module_getdwarf(module, &dwarf_bias);
      watch_debug_file();
      if (dwarf != nullptr) index.emplace(dwarf);
    }
    return index ? &*index : nullptr;
  }

  void watch_debug_file() {
    const char* separate = nullptr;
    dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                     &separate);
    if (separate != nullptr) debug_file.emplace(separate);
  }

  std::string symbol(std::uint64_t address) {
    if (!symbols) symbols.emplace(module);
    return symbols->find(address);
  }

  std::string nameless(std::uint64_t return_address) const {
    return std::filesystem::path(path).filename().string() + "+" + hex(return_address);
  }

  UnitLines& lines_of(DwarfUnit& unit) {
    if (unit.lines == nullptr) {
      unit.lines = std::make_unique<UnitLines>(unit.line_die, index->sections());
    }
    return *unit.lines;
  }

  SourceLine call_site(DwarfUnit& unit, Dwarf_Die* inlined) {
    SourceLine place;
    const auto file = number(inlined, DW_AT_call_file);
    if (file) place.file = lines_of(unit).file(*file);
    place.line = static_cast<int>(number(inlined, DW_AT_call_line).value_or(0));
    return place;
  }

  // What people read for a linker's name, and whose function it is.
  const ReadableName& readable(const std::string& name) {
    const auto [it, is_new] = names.try_emplace(name);
    if (is_new) it->second = {demangle(name), frame_role(path, name)};
    return it->second;
  }

  LogicalFrame frame(std::string name, std::uint64_t return_address,
                     const SourceLine& place, bool inlined) {
    // What glibc calls its own functions inside itself.
    if (name.starts_with("__GI_")) name.erase(0, 5);
    const ReadableName& known = readable(name);
    return {name.empty() ? nameless(return_address) : known.text, place.file, place.line,
            inlined, known.role};
  }

  const InlineScopes& inlined_into(const DwarfUnit& unit, Dwarf_Off function) {
    const void* bytes = unit.reader->die(function).addr;
    return scopes.try_emplace(bytes, *unit.reader, function).first->second;
  }

  // The best name there is for a function of the debug information.
  std::string name_of(const DieReader& reader, Dwarf_Die* die, bool inlined,
                      std::uint64_t address) {
    const auto [it, is_new] = entry_names.try_emplace(die->addr);
    EntryName& known = it->second;
    if (is_new) known.linkage = linkage_name(die);
    if (!known.linkage.empty()) return known.linkage;
    // The symbol table knows C++ functions with internal linkage by their full names.
    if (!inlined) {
      std::string name = symbol(address);
      if (name.starts_with("_Z")) return name;
    }
    if (!known.source) known.source = source_name(die, reader);
    return *known.source;
  }

  std::vector<LogicalFrame> lookup(std::uint64_t return_address) {
    const std::uint64_t address = return_address - 1;
    if (module == nullptr) return {frame("", return_address, {}, false)};
    DwarfIndex* dwarf = dwarf_index();
    const Dwarf_Addr in_dwarf = address - dwarf_bias;
    DwarfUnit* unit = dwarf != nullptr ? dwarf->find_unit(in_dwarf) : nullptr;
    if (unit == nullptr) return {frame(symbol(address), return_address, {}, false)};

    SourceLine place = lines_of(*unit).at(in_dwarf);
    const std::optional<Dwarf_Off> function = dwarf->find_function(*unit, in_dwarf);
    if (!function) return {frame(symbol(address), return_address, place, false)};
    std::vector<Dwarf_Off> chain = {*function};
    inlined_into(*unit, *function).find(in_dwarf, chain);

    std::vector<LogicalFrame> frames;
    for (auto entry = chain.rbegin(); entry != chain.rend(); ++entry) {
      Dwarf_Die die = unit->reader->die(*entry);
      const bool inlined = dwarf_tag(&die) == DW_TAG_inlined_subroutine;
      frames.push_back(frame(name_of(*unit->reader, &die, inlined, address),
                             return_address, place, inlined));
      if (!inlined) break;
      place = call_site(*unit, &die);
    }
    return frames;
  }

  std::string path;
  WatchedFile file;
  std::optional<WatchedFile> debug_file;
  std::unique_ptr<Dwfl, EndDwfl> dwfl;
  Dwfl_Module* module = nullptr;  // of dwfl; null: nothing to ask
  bool dwarf_asked = false;
  Dwarf_Addr dwarf_bias = 0;
  std::optional<DwarfIndex> index;
  // By the bytes of the entry.
  std::unordered_map<const void*, InlineScopes> scopes;
  std::unordered_map<const void*, EntryName> entry_names;
  std::unordered_map<std::string, ReadableName> names;
  std::optional<SymbolIndex> symbols;
};

Symbolizer::Symbolizer(std::string_view module_path, std::string_view build_id) {
  const std::lock_guard lock(libdw_mutex());
  state_ = std::make_unique<State>(module_path, build_id);
}

Symbolizer::~Symbolizer() {
  const std::lock_guard lock(libdw_mutex());
  state_.reset();
}

bool Symbolizer::has_file() const { return state_->module != nullptr; }

bool Symbolizer::files_unchanged() const {
  return state_->file.unchanged() &&
         (!state_->debug_file || state_->debug_file->unchanged());
}

std::vector<LogicalFrame> Symbolizer::lookup(std::uint64_t return_address) {
  const std::lock_guard lock(libdw_mutex());
  return state_->lookup(return_address);
}

}  // namespace memoir
