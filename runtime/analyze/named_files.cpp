#include "analyze/named_files.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>

namespace memoir {
namespace {

std::filesystem::path normal(std::string_view file) {
  return std::filesystem::path(file).lexically_normal();
}

// Without the "../" in front: wherever the compiler ran, this is where it ends.
std::string tail_of(const std::string& file) {
  std::filesystem::path tail;
  for (const std::filesystem::path& part : normal(file)) {
    if (part != "..") tail /= part;
  }
  return tail.string();
}

bool ends_with_parts(const std::string& path, const std::string& tail) {
  return path == tail || path.ends_with("/" + tail);
}

}  // namespace

void NamedFiles::read_files() {
  if (is_read_) return;
  is_read_ = true;
  Statement rows = database_.prepare(
      "SELECT s FROM string WHERE id IN (SELECT DISTINCT file FROM frame_line)");
  while (rows.step()) {
    const std::string file(rows.text(0));
    files_[normal(file).filename().string()].push_back(file);
  }
}

std::string NamedFiles::whole_path(const std::string& file, std::uint32_t line,
                                   TraceStackId stack) {
  if (file.empty() || file.front() == '/') return file;
  const std::string tail = tail_of(file);
  if (tail.empty()) return file;
  read_files();
  const auto named = files_.find(std::filesystem::path(tail).filename().string());
  if (named == files_.end()) return file;
  std::vector<std::string> found;
  std::ranges::copy_if(named->second, std::back_inserter(found),
                       [&tail](const std::string& path) {
                         return ends_with_parts(normal(path).string(), tail);
                       });
  if (found.size() == 1) return found.front();
  Statement frames =
      database_.prepare("SELECT file FROM stack_frames WHERE stack = ? AND line = ?");
  frames.bind(0, stack.value);
  frames.bind(1, line);
  while (frames.step()) {
    const std::string path(frames.text(0));
    if (std::ranges::find(found, path) != found.end()) return path;
  }
  return file;
}

}  // namespace memoir
