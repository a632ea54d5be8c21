#include "analyze/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>

#include "trace/error.h"

namespace memoir {

std::optional<std::string> read_source_file(const std::filesystem::path& path,
                                            std::string& why) {
  // A pipe of that name must not hang us.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    why = std::strerror(errno);
    return std::nullopt;
  }
  struct stat status {};
  std::string text;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    why = "not a plain file";
  } else if (static_cast<std::uint64_t>(status.st_size) > kLargestSource) {
    why = "too large for a source file";
  } else {
    text.resize(static_cast<std::size_t>(status.st_size));
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t got = read(file, text.data() + done, text.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) why = std::strerror(errno);
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    text.resize(done);
  }
  close(file);
  if (!why.empty()) return std::nullopt;
  return text;
}

std::optional<std::int64_t> changed_at(const std::filesystem::path& path) {
  struct stat status {};
  if (path.empty() || stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_mtime;
}

std::vector<std::uint8_t> pack_source(std::string_view text) {
  constexpr int kLevel = 9;  // a fifth smaller than the default, and still quick
  std::vector<std::uint8_t> packed(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), kLevel);
  if (ZSTD_isError(size) != 0) throw Error("a source file cannot be packed");
  packed.resize(size);
  return packed;
}

std::string unpack_source(std::span<const std::uint8_t> packed) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > kLargestSource) {
    throw Error("a source file of the trace is damaged");
  }
  std::string text(size, '\0');
  const std::size_t unpacked =
      ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(unpacked) != 0 || unpacked != size) {
    throw Error("a source file of the trace is damaged");
  }
  return text;
}

}  // namespace memoir
