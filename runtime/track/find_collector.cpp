#include "track/find_collector.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>

#include "base/raw_syscall.h"

namespace memoir {
namespace {

// From lib/memoir, where the library is.
constexpr char kBeside[] = "/../../bin/memoir";

bool is_executable(const CollectorPath& path) {
  return !path.full() && raw_syscall(SYS_faccessat, AT_FDCWD, path.c_str(), X_OK) == 0;
}

// Whether there is one at <folder of `length` bytes><rest>; `path` is empty if not.
bool try_at(const char* folder, std::size_t length, const char* rest,
            CollectorPath& path) {
  path = {};
  for (std::size_t i = 0; i < length; ++i) path.add_char(folder[i]);
  path.add(rest);
  if (*folder == '/' && is_executable(path)) return true;
  path = {};
  return false;
}

// The same for each folder of a list with colons.
bool try_all(const char* list, const char* rest, CollectorPath& path) {
  while (list != nullptr && *list != '\0') {
    const std::size_t length = strcspn(list, ":");
    if (length > 0 && try_at(list, length, rest, path)) return true;
    list += length;
    if (*list == ':') ++list;
  }
  return false;
}

// What DT_RUNPATH or DT_RPATH of the program itself says; nullptr if nothing.
const char* run_path(const dl_phdr_info& program) {
  const ElfW(Dyn)* entry = nullptr;
  for (unsigned i = 0; i < program.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = program.dlpi_phdr[i];
    if (segment.p_type != PT_DYNAMIC) continue;
    entry = reinterpret_cast<const ElfW(Dyn)*>(program.dlpi_addr + segment.p_vaddr);
  }
  std::uint64_t strings = 0, offset = 0;
  for (; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_STRTAB) strings = entry->d_un.d_ptr;
    if (entry->d_tag == DT_RUNPATH || entry->d_tag == DT_RPATH)
      offset = entry->d_un.d_val;
  }
  if (strings == 0 || offset == 0) return nullptr;
  // glibc puts addresses right in place, others leave them as they are in the file.
  if (strings < program.dlpi_addr) strings += program.dlpi_addr;
  return reinterpret_cast<const char*>(strings + offset);
}

int try_run_path(dl_phdr_info* program, std::size_t, void* path) {
  const bool found =
      try_all(run_path(*program), kBeside, *static_cast<CollectorPath*>(path));
  return found ? 1 : -1;  // the program itself comes first, and no other counts
}

bool try_beside_library(CollectorPath& path) {
  static const char here = 0;
  Dl_info library;
  if (dladdr(&here, &library) == 0 || library.dli_fname == nullptr) return false;
  const char* slash = strrchr(library.dli_fname, '/');
  if (slash == nullptr || strncmp(slash, "/libmemoir_", 11) != 0) return false;
  const auto length = static_cast<std::size_t>(slash - library.dli_fname);
  path = {};
  for (std::size_t i = 0; i < length; ++i) path.add_char(library.dli_fname[i]);
  path.add(kBeside);
  return is_executable(path);
}

}  // namespace

bool find_collector(CollectorPath& path) {
  if (const char* named = getenv("MEMOIR_COLLECTOR")) {
    path.add(named);
    return is_executable(path);
  }
  return try_beside_library(path) || dl_iterate_phdr(try_run_path, &path) > 0 ||
         try_all(getenv("PATH"), "/memoir", path);
}

}  // namespace memoir
