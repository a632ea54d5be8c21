#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <unordered_map>

#include "symbolize/demangle.h"
#include "symbolize/dwarf_index.h"
#include "symbolize/inline_scopes.h"
#include "symbolize/symbol_index.h"
#include "symbolize/symbolizer.h"

namespace memoir {
namespace {

constexpr Dwfl_Callbacks kCallbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = nullptr,
};

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

std::string clean_path(const char* path) {
  if (path == nullptr) return {};
  return std::filesystem::path(path).lexically_normal().string();
}

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

// The name in the source, with the namespaces and classes around it.
std::string source_name(Dwarf_Die* die) {
  const char* own = dwarf_diename(die);  // also through its abstract origin
  if (own == nullptr) return {};
  std::string name = own;
  Dwarf_Attribute attribute;
  Dwarf_Die declared = *die;
  for (const unsigned which : {DW_AT_abstract_origin, DW_AT_specification}) {
    Dwarf_Die origin;
    if (dwarf_attr(&declared, which, &attribute) == nullptr) continue;
    if (dwarf_formref_die(&attribute, &origin) != nullptr) declared = origin;
  }
  Dwarf_Die* scopes = nullptr;
  const int count = dwarf_getscopes_die(&declared, &scopes);
  for (int i = 1; i < count; ++i) {
    if (!may_hold_functions(dwarf_tag(&scopes[i]))) continue;
    const char* scope = dwarf_diename(&scopes[i]);
    name.insert(0,
                std::string(scope == nullptr ? "(anonymous namespace)" : scope) + "::");
  }
  std::free(scopes);
  return name;
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

struct SourceLine {
  std::string file;
  int line = 0;
};

SourceLine line_at(DwarfUnit& unit, Dwarf_Addr address) {
  SourceLine place;
  Dwarf_Line* line = dwarf_getsrc_die(&unit.line_die, address);
  if (line == nullptr) return place;
  place.file = clean_path(dwarf_linesrc(line, nullptr, nullptr));
  dwarf_lineno(line, &place.line);
  return place;
}

SourceLine call_site(DwarfUnit& unit, Dwarf_Die* inlined) {
  SourceLine place;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  const auto file = number(inlined, DW_AT_call_file);
  if (file && dwarf_getsrcfiles(&unit.line_die, &files, &count) == 0 && *file < count) {
    place.file = clean_path(dwarf_filesrc(files, *file, nullptr, nullptr));
  }
  place.line = static_cast<int>(number(inlined, DW_AT_call_line).value_or(0));
  return place;
}

}  // namespace

struct Symbolizer::State {
  State(std::string_view module_path, std::string_view build_id) : path(module_path) {
    // Neither "[vdso]" nor a path from somewhere else may be opened relative to here.
    if (!path.starts_with('/')) return;
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none)) return;
    dwfl.reset(dwfl_begin(&kCallbacks));
    if (dwfl == nullptr) return;
    dwfl_report_begin(dwfl.get());
    module = dwfl_report_elf(dwfl.get(), path.c_str(), path.c_str(), -1, 0, true);
    dwfl_report_end(dwfl.get(), nullptr, nullptr);
    if (module != nullptr && !build_id.empty() && build_id_of(module) != build_id) {
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
      if (dwarf != nullptr) index.emplace(dwarf);
    }
    return index ? &*index : nullptr;
  }

  std::string symbol(std::uint64_t address) {
    if (!symbols) symbols.emplace(module);
    return symbols->find(address);
  }

  std::string nameless(std::uint64_t return_address) const {
    return std::filesystem::path(path).filename().string() + "+" + hex(return_address);
  }

  LogicalFrame frame(std::string name, std::uint64_t return_address,
                     const SourceLine& place, bool inlined) const {
    // What glibc calls its own functions inside itself.
    if (name.starts_with("__GI_")) name.erase(0, 5);
    return {name.empty() ? nameless(return_address) : demangle(name), place.file,
            place.line, inlined, frame_role(path, name)};
  }

  const InlineScopes& inlined_into(Dwarf_Die function) {
    const Dwarf_Off offset = dwarf_dieoffset(&function);
    return scopes.try_emplace(offset, function).first->second;
  }

  // The best name there is for a function of the debug information.
  std::string name_of(Dwarf_Die* die, bool inlined, std::uint64_t address) {
    std::string name = linkage_name(die);
    if (!name.empty()) return name;
    // The symbol table knows C++ functions with internal linkage by their full names.
    if (!inlined) name = symbol(address);
    return name.starts_with("_Z") ? name : source_name(die);
  }

  std::vector<LogicalFrame> lookup(std::uint64_t return_address) {
    const std::uint64_t address = return_address - 1;
    if (module == nullptr) return {frame("", return_address, {}, false)};
    DwarfIndex* dwarf = dwarf_index();
    const Dwarf_Addr in_dwarf = address - dwarf_bias;
    DwarfUnit* unit = dwarf != nullptr ? dwarf->find_unit(in_dwarf) : nullptr;
    if (unit == nullptr) return {frame(symbol(address), return_address, {}, false)};

    SourceLine place = line_at(*unit, in_dwarf);
    const std::optional<Dwarf_Die> function = dwarf->find_function(*unit, in_dwarf);
    if (!function) return {frame(symbol(address), return_address, place, false)};
    std::vector<Dwarf_Die> chain = {*function};
    inlined_into(*function).find(in_dwarf, chain);

    std::vector<LogicalFrame> frames;
    for (auto die = chain.rbegin(); die != chain.rend(); ++die) {
      const bool inlined = dwarf_tag(&*die) == DW_TAG_inlined_subroutine;
      frames.push_back(
          frame(name_of(&*die, inlined, address), return_address, place, inlined));
      if (!inlined) break;
      place = call_site(*unit, &*die);
    }
    return frames;
  }

  std::string path;
  std::unique_ptr<Dwfl, EndDwfl> dwfl;
  Dwfl_Module* module = nullptr;  // of dwfl; null: nothing to ask
  bool dwarf_asked = false;
  Dwarf_Addr dwarf_bias = 0;
  std::optional<DwarfIndex> index;
  std::unordered_map<Dwarf_Off, InlineScopes> scopes;  // by function
  std::optional<SymbolIndex> symbols;
};

Symbolizer::Symbolizer(std::string_view module_path, std::string_view build_id)
    : state_(std::make_unique<State>(module_path, build_id)) {}

Symbolizer::~Symbolizer() = default;

bool Symbolizer::has_file() const { return state_->module != nullptr; }

std::vector<LogicalFrame> Symbolizer::lookup(std::uint64_t return_address) {
  return state_->lookup(return_address);
}

}  // namespace memoir
