#include "launcher/target_check.h"

#include <elf.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "trace/error.h"

namespace memoir {
namespace {

namespace fs = std::filesystem;

constexpr int kMostInterpreters = 5;  // as many as Linux follows

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(reason, ErrorKind::kCannotTrace);
}

bool is_executable_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

fs::path find_in_path(const std::string& program) {
  const char* variable = std::getenv("PATH");
  std::stringstream directories(variable == nullptr ? "/usr/local/bin:/bin:/usr/bin"
                                                    : variable);
  std::string directory;
  while (std::getline(directories, directory, ':')) {
    fs::path candidate = fs::path(directory.empty() ? "." : directory) / program;
    if (is_executable_file(candidate)) return candidate;
  }
  refuse(fmt::format("cannot run {}: no such program in PATH", program));
}

void check_file(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    refuse(fmt::format("cannot run {}: {}", path.string(), std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) {
    refuse(fmt::format("cannot run {}: it is a directory", path.string()));
  }
  if (access(path.c_str(), X_OK) != 0) {
    refuse(fmt::format("cannot run {}: it is not executable (chmod +x makes it so)",
                       path.string()));
  }
  constexpr const char* kPrivileged =
      "the system lets nothing be preloaded into it; trace a copy without the privilege";
  if ((status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    refuse(fmt::format(
        "cannot trace {}: it is a set-user-ID or set-group-ID program, and {}",
        path.string(), kPrivileged));
  }
  if (getxattr(path.c_str(), "security.capability", nullptr, 0) > 0) {
    refuse(fmt::format("cannot trace {}: it has file capabilities, and {}", path.string(),
                       kPrivileged));
  }
}

template <typename T>
bool read_at(std::ifstream& file, std::uint64_t offset, T* values, std::size_t count) {
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(reinterpret_cast<char*>(values),
            static_cast<std::streamsize>(count * sizeof(T)));
  return static_cast<bool>(file);
}

// The dynamic linker that an executable asks for.
std::optional<std::string> dynamic_linker(std::ifstream& file, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (header.e_phentsize != sizeof(Elf64_Phdr) ||
      !read_at(file, header.e_phoff, segments.data(), segments.size())) {
    return std::nullopt;
  }
  for (const Elf64_Phdr& segment : segments) {
    constexpr std::uint64_t kLongest = 4096;
    if (segment.p_type != PT_INTERP || segment.p_filesz > kLongest) continue;
    std::string name(segment.p_filesz, '\0');
    if (!read_at(file, segment.p_offset, name.data(), name.size())) return std::nullopt;
    return name.substr(0, name.find('\0'));
  }
  return std::nullopt;
}

void check_elf(const fs::path& path, std::ifstream& file) {
  Elf64_Ehdr header{};
  const bool whole = read_at(file, 0, &header, 1);
  if (whole && header.e_ident[EI_CLASS] == ELFCLASS32) {
    refuse(
        fmt::format("cannot trace {}: it is a 32-bit program; Memoir traces 64-bit ones",
                    path.string()));
  }
  if (!whole || header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64) {
    refuse(fmt::format("cannot trace {}: it is not an x86-64 program", path.string()));
  }
  const std::optional<std::string> linker = dynamic_linker(file, header);
  if (!linker) {
    refuse(
        fmt::format("cannot trace {}: it is statically linked, so that nothing can be "
                    "preloaded; link it "
                    "dynamically",
                    path.string()));
  }
  if (fs::path(*linker).filename().string().rfind("ld-linux", 0) != 0) {
    refuse(fmt::format("cannot trace {}: it does not use glibc, but {}", path.string(),
                       *linker));
  }
}

// The interpreter that a script names in its first line; empty when it names none.
std::string script_interpreter(std::ifstream& file) {
  std::string line;
  file.clear();
  file.seekg(0);
  std::getline(file, line);
  std::istringstream words(line.substr(2));
  std::string interpreter;
  words >> interpreter;
  return interpreter;
}

}  // namespace

fs::path find_traceable_program(const std::string& program) {
  if (program.empty()) refuse("cannot run a program without a name");
  fs::path found =
      program.find('/') == std::string::npos ? find_in_path(program) : fs::path(program);
  fs::path path = found;
  for (int depth = 0; depth < kMostInterpreters; ++depth) {
    check_file(path);
    std::ifstream file(path, std::ios::binary);
    char magic[4] = {};
    if (!file) return found;  // executable, but not ours to read
    file.read(magic, sizeof magic);
    if (std::memcmp(magic, ELFMAG, SELFMAG) == 0) {
      check_elf(path, file);
      return found;
    }
    if (magic[0] != '#' || magic[1] != '!') return found;  // the shell will take it
    path = script_interpreter(file);
    if (path.empty()) return found;
  }
  return found;
}

}  // namespace memoir
