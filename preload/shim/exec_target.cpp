#include "shim/exec_target.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/raw_syscall.h"
#include "base/text_writer.h"

namespace memoir {
namespace {

constexpr int kMostInterpreters = 5;  // as many as Linux follows

using ShortPath = Text<1024>;

bool read_at(int fd, std::uint64_t offset, void* to, std::size_t bytes) {
  return raw_syscall(SYS_pread64, fd, to, bytes, offset) == static_cast<long>(bytes);
}

bool has_privileges(int fd) {
  struct stat status {};
  if (raw_syscall(SYS_fstat, fd, &status) != 0) return true;
  if ((status.st_mode & (S_ISUID | S_ISGID)) != 0) return true;
  return raw_syscall(SYS_fgetxattr, fd, "security.capability", 0, 0) > 0;
}

// Whether the dynamic linker it asks for is glibc's for this processor.
bool is_dynamic_here(int fd) {
  Elf64_Ehdr header{};
  if (!read_at(fd, 0, &header, sizeof header)) return false;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64 ||
      header.e_phentsize != sizeof(Elf64_Phdr)) {
    return false;
  }
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    if (!read_at(fd, header.e_phoff + i * sizeof segment, &segment, sizeof segment)) {
      return false;
    }
    if (segment.p_type != PT_INTERP) continue;
    char linker[256] = {};
    if (segment.p_filesz >= sizeof linker ||
        !read_at(fd, segment.p_offset, linker, segment.p_filesz)) {
      return false;
    }
    const char* slash = strrchr(linker, '/');
    const char* name = slash == nullptr ? linker : slash + 1;
    return strncmp(name, "ld-linux", 8) == 0;
  }
  return false;
}

enum class Kind : bool { kKnown, kScript };

// What an open file is; for a script, puts its interpreter into `next`.
Kind look_at(int fd, bool& recordable, ShortPath& next) {
  char head[256] = {};
  recordable = false;
  if (has_privileges(fd)) return Kind::kKnown;
  if (raw_syscall(SYS_pread64, fd, head, sizeof head - 1, 0) < 2) return Kind::kKnown;
  if (memcmp(head, ELFMAG, SELFMAG) == 0) {
    recordable = is_dynamic_here(fd);
    return Kind::kKnown;
  }
  if (head[0] != '#' || head[1] != '!') {
    recordable = true;  // the shell will take it
    return Kind::kKnown;
  }
  const char* at = head + 2 + strspn(head + 2, " \t");
  const std::size_t length = strcspn(at, " \t\n");
  for (std::size_t i = 0; i < length; ++i) next.add_char(at[i]);
  return Kind::kScript;
}

// Takes the descriptor.
bool can_be_recorded(long fd) {
  for (int depth = 0; depth < kMostInterpreters && fd >= 0; ++depth) {
    bool recordable = false;
    ShortPath interpreter;
    const Kind kind = look_at(static_cast<int>(fd), recordable, interpreter);
    raw_syscall(SYS_close, fd);
    if (kind == Kind::kKnown) return recordable;
    fd = raw_syscall(SYS_openat, AT_FDCWD, interpreter.c_str(), O_RDONLY | O_CLOEXEC);
  }
  if (fd >= 0) raw_syscall(SYS_close, fd);
  return false;
}

}  // namespace

bool can_be_preloaded(int directory, const char* path) {
  return path != nullptr &&
         can_be_recorded(raw_syscall(SYS_openat, directory, path,
                                     O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

bool can_be_preloaded_by_name(const char* name) {
  if (name == nullptr || *name == '\0') return false;
  if (strchr(name, '/') != nullptr) return can_be_preloaded(AT_FDCWD, name);
  const char* path = getenv("PATH");
  if (path == nullptr) path = "/bin:/usr/bin";
  for (;;) {
    const std::size_t length = strcspn(path, ":");
    ShortPath candidate;
    for (std::size_t i = 0; i < length; ++i) candidate.add_char(path[i]);
    if (length != 0) candidate.add("/");
    candidate.add(name);
    if (raw_syscall(SYS_faccessat, AT_FDCWD, candidate.c_str(), X_OK) == 0) {
      return !candidate.full() && can_be_preloaded(AT_FDCWD, candidate.c_str());
    }
    if (path[length] == '\0') return false;
    path += length + 1;
  }
}

bool can_be_preloaded_from(int descriptor) {
  Text<32> path;
  path.add("/proc/self/fd/").add_decimal(static_cast<std::uint64_t>(descriptor));
  return descriptor >= 0 && can_be_preloaded(AT_FDCWD, path.c_str());
}

}  // namespace memoir
