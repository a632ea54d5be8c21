#include "launcher/query_options.h"

#include <CLI/CLI.hpp>

namespace memoir {

void QueryOptions::add_to(CLI::App& app, const std::vector<std::string>& keys) {
  sort = keys.front();
  app.add_option("FILE", file, "the trace")->required();
  app.add_option("--sort", sort, "what the largest of comes first")
      ->capture_default_str()
      ->check(CLI::IsMember(keys));
  app.add_option("--process", process, "only this process: its number, or its pid");
  add_table_options(app);
}

void QueryOptions::add_table_options(CLI::App& app) {
  app.add_option("--top", top, "so many rows (text: 20, otherwise all of them)");
  CLI::Option* as_csv = app.add_flag("--csv", csv, "comma-separated values (RFC 4180)");
  app.add_flag("--json", json, "an array with an object per row")->excludes(as_csv);
}

}  // namespace memoir
