#pragma once

// Source files: read from disk, and packed as a trace keeps them.
//
// Thread safety: free.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace memoir {

// Bytes; what is larger is no source file.
inline constexpr std::size_t kLargestSource = std::size_t{64} << 20;

// What a regular file holds. Without one, `why` says in words what kept it from being
// read.
std::optional<std::string> read_source_file(const std::filesystem::path& path,
                                            std::string& why);
// Seconds since 1970; nothing when there is no such file.
std::optional<std::int64_t> changed_at(const std::filesystem::path& path);

std::vector<std::uint8_t> pack_source(std::string_view text);
// Throws Error (kTrace) when it is no packed source.
std::string unpack_source(std::span<const std::uint8_t> packed);

}  // namespace memoir
