#include "track/module_registry.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstring>

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
  find_build_id_by_header(module);
  return true;
}

bool ModuleRegistry::is_unknown(std::uint64_t pc) {
  SpinGuard guard(lock_);
  for (std::size_t i = 0; i < count_; ++i) {
    if (pc >= known_[i].begin && pc < known_[i].end) return false;
  }
  return true;
}

bool ModuleRegistry::add(const ModuleImage& module) {
  SpinGuard guard(lock_);
  for (std::size_t i = 0; i < count_; ++i) {
    if (known_[i].begin == module.begin) return false;
  }
  if (count_ == kMost) return false;
  known_[count_++] = {module.begin, module.end};
  return true;
}

bool ModuleRegistry::take_unloaded(Range& range) {
  for (std::size_t i = 0;; ++i) {
    {
      SpinGuard guard(lock_);
      if (i >= count_) return false;
      range = known_[i];
    }
    ModuleImage now;
    if (find_module(range.begin, now) && now.begin == range.begin &&
        now.end == range.end) {
      continue;
    }
    SpinGuard guard(lock_);
    if (i >= count_ || known_[i].begin != range.begin) return false;
    known_[i] = known_[--count_];
    if (unloaded_count_ < kMostUnloaded) unloaded_[unloaded_count_++] = range;
    generation_.fetch_add(1, std::memory_order_release);
    return true;
  }
}

std::uint64_t ModuleRegistry::tenant_of(std::uint64_t pc) {
  if (generation() == 0) return 0;
  SpinGuard guard(lock_);
  std::uint64_t tenant = 0;
  for (std::size_t i = 0; i < unloaded_count_; ++i) {
    if (pc >= unloaded_[i].begin && pc < unloaded_[i].end) ++tenant;
  }
  return tenant;
}

void ModuleRegistry::forget() {
  lock_.unlock();
  count_ = 0;
  unloaded_count_ = 0;
}

}  // namespace memoir
