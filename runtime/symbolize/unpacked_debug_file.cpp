#include "symbolize/unpacked_debug_file.h"

#if MEMOIR_HAS_LIBDEFLATE

#include <elf.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <vector>

namespace memoir {
namespace {

// Deflate cannot do better than this; a section that says it did is not believed.
constexpr std::uint64_t kBestRatio = 1032;
constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 30;

constexpr std::array<std::string_view, 4> kNotLookedAt = {
    ".debug_loc", ".debug_loclists", ".debug_macro", ".debug_macinfo"};

struct EndDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

class Mapping {
 public:
  Mapping(int file, std::uint64_t size)
      : bytes_(mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0)), size_(size) {}
  ~Mapping() {
    if (*this) munmap(bytes_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  explicit operator bool() const { return bytes_ != MAP_FAILED; }
  const std::uint8_t* data() const { return static_cast<const std::uint8_t*>(bytes_); }

 private:
  void* bytes_;
  std::uint64_t size_;
};

// The sections of one file, and where they go in the other.
class Unpacking {
 public:
  explicit Unpacking(std::span<const std::uint8_t> from) : from_(from) {}

  // Whether there is something to unpack, and all of it is understood.
  bool plan() {
    if (from_.size() < sizeof header_) return false;
    std::memcpy(&header_, from_.data(), sizeof header_);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0 ||
        header_.e_ident[EI_CLASS] != ELFCLASS64 ||
        header_.e_ident[EI_DATA] != ELFDATA2LSB ||
        header_.e_shentsize != sizeof(Elf64_Shdr) ||
        header_.e_shstrndx >= header_.e_shnum ||
        !inside(header_.e_shoff, std::uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr)) ||
        !inside(header_.e_phoff, std::uint64_t{header_.e_phnum} * header_.e_phentsize)) {
      return false;
    }
    sections_.resize(header_.e_shnum);
    std::memcpy(sections_.data(), from_.data() + header_.e_shoff,
                sections_.size() * sizeof(Elf64_Shdr));
    moved_ = sections_;
    size_ = from_.size();
    bool any = false;
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const Elf64_Shdr& section = sections_[i];
      if (section.sh_type == SHT_NOBITS) continue;
      if (!inside(section.sh_offset, section.sh_size)) return false;
      if ((section.sh_flags & SHF_COMPRESSED) == 0) continue;
      if (!plan(section, moved_[i])) return false;
      any = true;
    }
    return any;
  }

  // Into an empty file. What was packed stays a hole.
  bool write(int file) const {
    const std::unique_ptr<libdeflate_decompressor, EndDecompressor> decompressor(
        libdeflate_alloc_decompressor());
    if (decompressor == nullptr || ftruncate(file, static_cast<off_t>(size_)) != 0 ||
        !put(file, from_.data(), sizeof header_, 0) ||
        !put(file, from_.data() + header_.e_phoff,
             std::uint64_t{header_.e_phnum} * header_.e_phentsize, header_.e_phoff)) {
      return false;
    }
    // Written, not mapped: what finds no room is an error then, and not a signal.
    std::unique_ptr<std::uint8_t[]> bytes(new (std::nothrow) std::uint8_t[largest_]);
    if (bytes == nullptr) return false;
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const Elf64_Shdr& old = sections_[i];
      const Elf64_Shdr& now = moved_[i];
      if (now.sh_type == SHT_NOBITS) continue;
      const std::uint8_t* from = from_.data() + old.sh_offset;
      if ((old.sh_flags & SHF_COMPRESSED) != 0) {
        if (libdeflate_zlib_decompress(decompressor.get(), from + sizeof(Elf64_Chdr),
                                       old.sh_size - sizeof(Elf64_Chdr), bytes.get(),
                                       now.sh_size, nullptr) != LIBDEFLATE_SUCCESS) {
          return false;
        }
        from = bytes.get();
      }
      if (!put(file, from, now.sh_size, now.sh_offset)) return false;
    }
    // Last, so that no section can lie over it.
    return put(file, moved_.data(), moved_.size() * sizeof(Elf64_Shdr), header_.e_shoff);
  }

 private:
  static bool put(int file, const void* bytes, std::uint64_t size, std::uint64_t at) {
    const char* from = static_cast<const char*>(bytes);
    while (size > 0) {
      const ssize_t n = pwrite(file, from, size, static_cast<off_t>(at));
      if (n <= 0) return false;
      from += n;
      at += static_cast<std::uint64_t>(n);
      size -= static_cast<std::uint64_t>(n);
    }
    return true;
  }

  bool inside(std::uint64_t offset, std::uint64_t size) const {
    return offset <= from_.size() && size <= from_.size() - offset;
  }

  std::string_view name_of(const Elf64_Shdr& section) const {
    const Elf64_Shdr& names = sections_[header_.e_shstrndx];
    if (names.sh_type == SHT_NOBITS || !inside(names.sh_offset, names.sh_size) ||
        section.sh_name >= names.sh_size) {
      return {};
    }
    const char* name =
        reinterpret_cast<const char*>(from_.data() + names.sh_offset + section.sh_name);
    return {name, strnlen(name, names.sh_size - section.sh_name)};
  }

  bool plan(const Elf64_Shdr& section, Elf64_Shdr& moved) {
    Elf64_Chdr packed;
    if (section.sh_size < sizeof packed) return false;
    std::memcpy(&packed, from_.data() + section.sh_offset, sizeof packed);
    if (packed.ch_type != ELFCOMPRESS_ZLIB || packed.ch_size > kMostBytes ||
        packed.ch_size > section.sh_size * kBestRatio) {
      return false;
    }
    moved.sh_flags &= ~std::uint64_t{SHF_COMPRESSED};
    moved.sh_addralign = packed.ch_addralign;
    const std::string_view name = name_of(section);
    for (const std::string_view unused : kNotLookedAt) {
      if (name != unused) continue;
      moved.sh_type = SHT_NOBITS;
      moved.sh_size = 0;
      return true;
    }
    size_ = (size_ + 63) & ~std::uint64_t{63};
    moved.sh_offset = size_;
    moved.sh_size = packed.ch_size;
    size_ += packed.ch_size;
    largest_ = std::max(largest_, packed.ch_size);
    return size_ <= kMostBytes;
  }

  std::span<const std::uint8_t> from_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Shdr> sections_, moved_;
  std::uint64_t size_ = 0;
  std::uint64_t largest_ = 0;  // of what is unpacked
};

}  // namespace

int unpacked_debug_file(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0 || status.st_size <= 0) return -1;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const Mapping packed(file, size);
  if (!packed) return -1;
  Unpacking unpacking({packed.data(), size});
  if (!unpacking.plan()) return -1;
  const int memory = memfd_create("unpacked", MFD_CLOEXEC);
  if (memory < 0) return -1;
  if (unpacking.write(memory)) return memory;
  close(memory);
  return -1;
}

}  // namespace memoir

#else

namespace memoir {

int unpacked_debug_file(int /*file*/) { return -1; }

}  // namespace memoir

#endif
