#include "track/module_registry.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstring>

#include "base/careful_read.h"

#pragma weak _dl_find_object

namespace memoir {
namespace {

// Reads the build id out of the mapped program headers.
void find_build_id(ModuleImage& module, const ElfW(Phdr) * headers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (headers[i].p_type != PT_NOTE) continue;
    const auto* at =
        reinterpret_cast<const std::uint8_t*>(module.bias + headers[i].p_vaddr);
    const std::uint8_t* end = at + headers[i].p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      memcpy(&note, at, sizeof note);
      const std::uint8_t* name = at + sizeof note;
      const std::uint8_t* contents = name + ((note.n_namesz + 3) & ~3u);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
          memcmp(name, "GNU", 4) == 0) {
        module.build_id = contents;
        module.build_id_size = note.n_descsz;
        return;
      }
      at = contents + ((note.n_descsz + 3) & ~3u);
    }
  }
}

void find_build_id_by_header(ModuleImage& module) {
  const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(module.begin);
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return;
  const std::uint64_t headers_end =
      header->e_phoff + std::uint64_t{header->e_phnum} * sizeof(ElfW(Phdr));
  if (header->e_phentsize != sizeof(ElfW(Phdr)) || headers_end > 4096) return;
  find_build_id(module,
                reinterpret_cast<const ElfW(Phdr)*>(module.begin + header->e_phoff),
                header->e_phnum);
}

struct Search {
  std::uint64_t pc;
  ModuleImage* module;
};

// For systems without _dl_find_object.
int look_at_module(dl_phdr_info* info, std::size_t, void* argument) {
  auto* search = static_cast<Search*>(argument);
  ModuleImage image;
  image.begin = ~std::uint64_t{0};
  image.bias = info->dlpi_addr;
  image.name = info->dlpi_name;
  image.record = info->dlpi_phdr;
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    const std::uint64_t begin = (image.bias + info->dlpi_phdr[i].p_vaddr) & ~4095ull;
    const std::uint64_t end =
        image.bias + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    if (begin < image.begin) image.begin = begin;
    if (end > image.end) image.end = end;
  }
  if (search->pc < image.begin || search->pc >= image.end) return 0;
  find_build_id(image, info->dlpi_phdr, info->dlpi_phnum);
  *search->module = image;
  return 1;
}

}  // namespace

bool find_module(std::uint64_t pc, ModuleImage& module) {
  if (_dl_find_object == nullptr) {
    Search search{pc, &module};
    return dl_iterate_phdr(look_at_module, &search) != 0;
  }
  dl_find_object object;
  if (_dl_find_object(reinterpret_cast<void*>(pc), &object) != 0) return false;
  module = {};
  module.begin = reinterpret_cast<std::uint64_t>(object.dlfo_map_start);
  module.end = reinterpret_cast<std::uint64_t>(object.dlfo_map_end);
  module.bias = object.dlfo_link_map->l_addr;
  module.name = object.dlfo_link_map->l_name;
  module.record = object.dlfo_link_map;
  find_build_id_by_header(module);
  return true;
}

void ModuleRegistry::set_name(Known& known, const char* name, std::size_t length) {
  known.name_length = length;
  known.name_hash = 0xcbf29ce484222325;  // FNV-1a
  for (std::size_t i = 0; i < length; ++i) {
    known.name_hash ^= static_cast<unsigned char>(name[i]);
    known.name_hash *= 0x100000001b3;
  }
}

ModuleRegistry::Known ModuleRegistry::to_known(const ModuleImage& module) {
  Known known;
  known.range = {module.begin, module.end};
  known.record = module.record;
  known.build_id_at = reinterpret_cast<std::uint64_t>(module.build_id);
  known.build_id_size =
      module.build_id_size < kBuildIdBytes ? module.build_id_size : kBuildIdBytes;
  if (known.build_id_size != 0) {
    memcpy(known.build_id, module.build_id, known.build_id_size);
  }
  const char* name = module.name == nullptr ? "" : module.name;
  set_name(known, name, strlen(name));
  return known;
}

// Name and build id tell; the record of one module may be that of another by now.
bool ModuleRegistry::is_same(const Known& a, const Known& b) {
  if (a.range.begin != b.range.begin || a.range.end != b.range.end) return false;
  if (a.name_length != b.name_length || a.name_hash != b.name_hash) return false;
  if (a.build_id_size != b.build_id_size) return false;
  if (a.build_id_size == 0) return a.record == b.record;
  return memcmp(a.build_id, b.build_id, a.build_id_size) == 0;
}

// Reads name and build id of what lies where `known` lay, by the record in it. False when
// that is not there any more. What cannot be read at all stays as it was known.
bool ModuleRegistry::read_identity(Known& known) {
  link_map record;
  const auto at = reinterpret_cast<std::uint64_t>(known.record);
  CarefulRead read = read_carefully(at, &record, offsetof(link_map, l_ld));
  if (read == CarefulRead::kRefused) return true;
  if (read != CarefulRead::kRead) return false;
  char name[4096];
  // With its end: a longer name is another one.
  const std::size_t length = known.name_length;
  if (length + 1 > sizeof name) return true;
  read = read_carefully(reinterpret_cast<std::uint64_t>(record.l_name), name, length + 1);
  if (read != CarefulRead::kRead || name[length] != '\0') return false;
  set_name(known, name, length);
  return read_carefully(known.build_id_at, known.build_id, known.build_id_size) ==
         CarefulRead::kRead;
}

bool ModuleRegistry::is_loaded(const Known& known) {
  if (_dl_find_object == nullptr) {
    ModuleImage now;
    return find_module(known.range.begin, now) && is_same(to_known(now), known);
  }
  dl_find_object object;
  if (_dl_find_object(reinterpret_cast<void*>(known.range.begin), &object) != 0) {
    return false;
  }
  Known now = known;
  now.range = {reinterpret_cast<std::uint64_t>(object.dlfo_map_start),
               reinterpret_cast<std::uint64_t>(object.dlfo_map_end)};
  now.record = object.dlfo_link_map;
  return read_identity(now) && is_same(now, known);
}

ModuleRegistry::Known* ModuleRegistry::find_loaded(std::uint64_t pc) {
  for (std::size_t i = 0; i < count_; ++i) {
    Known& known = known_[i];
    if (known.loaded && pc >= known.range.begin && pc < known.range.end) return &known;
  }
  return nullptr;
}

ModuleRegistry::Place ModuleRegistry::look_up(std::uint64_t pc, Range& range) {
  Known known;
  {
    SpinGuard guard(lock_);
    const Known* found = find_loaded(pc);
    if (found == nullptr) return Place::kUnknown;
    known = *found;
  }
  range = known.range;
  ModuleImage now;
  if (!find_module(pc, now) || !is_same(to_known(now), known)) return Place::kReplaced;
  return Place::kKnown;
}

// The entry of a module that was here before, or one for a new module, with its tenant.
ModuleRegistry::Known* ModuleRegistry::find_place_for(const Known& module) {
  Known* unused = nullptr;
  bool first_here = true;
  for (std::size_t i = 0; i < count_; ++i) {
    Known& other = known_[i];
    if (other.loaded) continue;
    if (is_same(other, module)) return &other;
    unused = &other;
    const bool apart =
        other.range.end <= module.range.begin || module.range.end <= other.range.begin;
    if (!apart) first_here = false;
  }
  // What is forgotten for want of room keeps its number, so nothing is mistaken for it.
  Known* place = count_ < kMost ? &known_[count_++] : unused;
  if (place == nullptr) return nullptr;
  *place = module;
  if (!first_here || count_ == kMost) {
    last_tenant_ = last_tenant_ == kMostTenants ? 1 : last_tenant_ + 1;
    place->tenant = last_tenant_;
  }
  return place;
}

bool ModuleRegistry::add(const ModuleImage& module) {
  const Known wanted = to_known(module);
  SpinGuard guard(lock_);
  if (find_loaded(module.begin) != nullptr) return false;
  Known* place = find_place_for(wanted);
  if (place == nullptr) return false;
  place->record = wanted.record;
  place->build_id_at = wanted.build_id_at;
  place->loaded = true;
  return true;
}

bool ModuleRegistry::drop(const Range& range) {
  SpinGuard guard(lock_);
  Known* known = find_loaded(range.begin);
  if (known == nullptr || known->range.end != range.end) return false;
  known->loaded = false;
  generation_.fetch_add(1, std::memory_order_release);
  return true;
}

bool ModuleRegistry::take_unloaded(Range& range) {
  for (std::size_t i = 0;; ++i) {
    Known known;
    {
      SpinGuard guard(lock_);
      if (i >= count_) return false;
      known = known_[i];
    }
    if (!known.loaded || is_loaded(known)) continue;
    range = known.range;
    if (drop(range)) return true;
  }
}

bool ModuleRegistry::find_tenant(std::uint64_t pc, std::uint64_t& tenant) {
  SpinGuard guard(lock_);
  const Known* known = find_loaded(pc);
  if (known != nullptr) tenant = known->tenant;
  return known != nullptr;
}

void ModuleRegistry::forget() {
  lock_.unlock();
  unloading_.store(0);
  count_ = 0;
  last_tenant_ = 0;
}

}  // namespace memoir
