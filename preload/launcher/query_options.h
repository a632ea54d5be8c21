#pragma once

// The options that the commands of one question share: leaks, sites and those to come.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyze/table_output.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace memoir {

struct QueryOptions {
  std::string file;
  std::optional<std::size_t> top;
  std::optional<std::int64_t> process;
  std::string sort;
  bool csv = false, json = false;

  TableFormat format() const {
    return json ? TableFormat::kJson : csv ? TableFormat::kCsv : TableFormat::kText;
  }
  // People get a screenful unless they ask for more; machines get everything.
  std::size_t limit() const {
    return top.value_or(format() == TableFormat::kText ? 20 : SIZE_MAX);
  }

  // FILE, --top, --sort with the first of `keys` as default, --process, --csv, --json.
  void add_to(CLI::App& app, const std::vector<std::string>& keys);
  // --top, --csv and --json alone.
  void add_table_options(CLI::App& app);
};

}  // namespace memoir
