#include "analyze/kept_sources.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "analyze/source_file.h"

namespace memoir {
namespace {

struct NamedFile {
  std::int64_t string;
  std::string path;
  std::vector<std::string> modules;
};

std::vector<NamedFile> named_files(Database& database) {
  std::vector<NamedFile> files;
  Statement row = database.prepare(
      "SELECT DISTINCT l.file, s.s, m.path FROM frame_line l JOIN string s ON s.id = "
      "l.file "
      "JOIN frame f ON f.id = l.frame LEFT JOIN module m ON m.id = f.module "
      "WHERE s.s LIKE '/%' ORDER BY l.file");
  while (row.step()) {
    if (files.empty() || files.back().string != row.integer(0)) {
      files.push_back({row.integer(0), std::string(row.text(1)), {}});
    }
    files.back().modules.emplace_back(row.text(2));
  }
  return files;
}

bool is_newer(const NamedFile& file) {
  const auto changed = changed_at(file.path);
  return changed && std::ranges::any_of(file.modules, [&](const std::string& module) {
           const auto built = changed_at(module);
           return built && *changed > *built;
         });
}

}  // namespace

KeptSources keep_sources(Database& database, std::uint64_t most) {
  KeptSources kept;
  Statement put =
      database.prepare("INSERT OR REPLACE INTO source(file, text) VALUES (?, ?)");
  for (const NamedFile& file : named_files(database)) {
    std::string why;
    const auto text = read_source_file(file.path, why);
    if (!text) continue;
    if (is_newer(file)) {
      ++kept.newer;
      continue;
    }
    if (kept.bytes + text->size() > most) {
      ++kept.too_many;
      continue;
    }
    const std::vector<std::uint8_t> packed = pack_source(*text);
    put.run(file.string, std::span<const std::uint8_t>(packed));
    ++kept.files;
    kept.bytes += text->size();
  }
  return kept;
}

}  // namespace memoir
