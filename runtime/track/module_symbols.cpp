#include "track/module_symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <string_view>

#include "base/pattern.h"
#include "base/raw_syscall.h"

namespace memoir {
namespace {

// A file in memory; every read of it is checked.
class FileImage {
 public:
  explicit FileImage(const char* path) {
    const long fd = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    struct stat status {};
    if (raw_syscall(SYS_fstat, fd, &status) == 0 && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      const long mapped = raw_syscall(SYS_mmap, 0, size_, PROT_READ, MAP_PRIVATE, fd, 0);
      if (syscall_succeeded(mapped)) bytes_ = reinterpret_cast<const char*>(mapped);
    }
    raw_syscall(SYS_close, fd);
  }
  ~FileImage() {
    if (bytes_ != nullptr) raw_syscall(SYS_munmap, bytes_, size_);
  }
  FileImage(const FileImage&) = delete;
  FileImage& operator=(const FileImage&) = delete;

  bool is_open() const { return bytes_ != nullptr; }

  // `count` elements at an offset; nullptr when they are not all there.
  template <typename Element>
  const Element* at(std::uint64_t offset, std::uint64_t count) const {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(count, sizeof(Element), &bytes)) return nullptr;
    if (offset > size_ || bytes > size_ - offset) return nullptr;
    return reinterpret_cast<const Element*>(bytes_ + offset);
  }

 private:
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

struct SymbolTable {
  const Elf64_Sym* symbols = nullptr;
  std::uint64_t count = 0;
  const char* names = nullptr;
  std::uint64_t names_size = 0;

  // Up to the end of the table where it has no end of its own.
  std::string_view name(const Elf64_Sym& symbol) const {
    if (symbol.st_name >= names_size) return {};
    const char* begin = names + symbol.st_name;
    const std::uint64_t most = names_size - symbol.st_name;
    const void* zero = memchr(begin, 0, most);
    if (zero == nullptr) return {};
    return {begin, static_cast<std::size_t>(static_cast<const char*>(zero) - begin)};
  }
};

SymbolTable find_symbols(const FileImage& file) {
  const auto* header = file.at<Elf64_Ehdr>(0, 1);
  if (header == nullptr || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_shentsize != sizeof(Elf64_Shdr)) {
    return {};
  }
  const auto* sections = file.at<Elf64_Shdr>(header->e_shoff, header->e_shnum);
  if (sections == nullptr) return {};
  SymbolTable found;
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const Elf64_Shdr& section = sections[i];
    const bool whole = section.sh_type == SHT_SYMTAB;
    if (!whole && (section.sh_type != SHT_DYNSYM || found.symbols != nullptr)) continue;
    if (section.sh_link >= header->e_shnum) continue;
    const Elf64_Shdr& strings = sections[section.sh_link];
    SymbolTable table;
    table.count = section.sh_size / sizeof(Elf64_Sym);
    table.symbols = file.at<Elf64_Sym>(section.sh_offset, table.count);
    table.names_size = strings.sh_size;
    table.names = file.at<char>(strings.sh_offset, strings.sh_size);
    if (table.symbols == nullptr || table.names == nullptr) continue;
    found = table;
    if (whole) break;
  }
  return found;
}

template <typename Visit>
void for_each_match(const SymbolTable& table, const char* pattern, Visit visit) {
  for (std::uint64_t i = 0; i < table.count; ++i) {
    const Elf64_Sym& symbol = table.symbols[i];
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    const bool is_function = type == STT_FUNC || type == STT_GNU_IFUNC;
    if (!is_function || symbol.st_shndx == SHN_UNDEF || symbol.st_size == 0) continue;
    if (matches_pattern(pattern, table.name(symbol))) visit(symbol);
  }
}

}  // namespace

bool MatchingFunctions::contain(std::uint64_t address) const {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (address >= list[i].begin && address < list[i].end) return true;
  }
  return false;
}

MatchingFunctions find_matching_functions(const char* path, std::uint64_t bias,
                                          const char* pattern, MetadataArena& arena) {
  const FileImage file(path);
  if (!file.is_open()) return {};
  const SymbolTable table = find_symbols(file);
  std::uint32_t count = 0;
  for_each_match(table, pattern, [&](const Elf64_Sym&) { ++count; });
  if (count == 0) return {};
  auto* list = static_cast<FunctionRange*>(arena.allocate(count * sizeof(FunctionRange)));
  if (list == nullptr) return {};
  std::uint32_t filled = 0;
  for_each_match(table, pattern, [&](const Elf64_Sym& symbol) {
    if (filled == count) return;  // the file has changed meanwhile
    const std::uint64_t begin = bias + symbol.st_value;
    list[filled++] = {begin, begin + symbol.st_size};
  });
  return {list, filled};
}

}  // namespace memoir
