#include "base/metadata_arena.h"

namespace memoir {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kLine = 64;

}  // namespace

void* MetadataArena::allocate(std::size_t bytes) {
  bytes = round_up(bytes, kLine);
  if (bytes >= kChunkBytes / 4) return map_pages(round_up(bytes, kPageSize));
  SpinGuard guard(lock_);
  if (static_cast<std::size_t>(end_ - next_) < bytes) {
    auto* chunk = static_cast<char*>(map_pages(kChunkBytes));
    if (chunk == nullptr) return nullptr;
    next_ = chunk;
    end_ = chunk + kChunkBytes;
  }
  void* block = next_;
  next_ += bytes;
  return block;
}

}  // namespace memoir
