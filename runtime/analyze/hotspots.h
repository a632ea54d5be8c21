#pragma once

// The call sites of a trace, from one reading of its sites: stacks that are attributed to
// the same function, file, line and module are one call site.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyze/site_rows.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

struct CallSite {
  std::string function, file, module;
  std::int64_t line = 0;
  std::string api;  // that made most of its blocks
  SiteFigures figures;
  std::uint64_t stacks = 0;     // that lead here
  std::uint64_t concerned = 0;  // of these: whose figure is not 0
  TraceStackId heaviest_stack;  // by the order that was asked for
  SiteFigures heaviest;         // of that stack alone
};

class CallSites {
 public:
  CallSites(Database& database, SiteKind kind,
            std::optional<ProcessId> only = std::nullopt);

  // The first `count` call sites, largest first; those whose figure is 0 come last, by
  // the bytes they allocated.
  std::vector<CallSite> top(SiteOrder order, std::size_t count) const;

  const SiteFigures& total() const { return total_; }
  std::size_t size() const { return groups_.size(); }

 private:
  struct Site {
    TraceStackId stack;
    int api;
    SiteFigures figures;
  };
  struct Group {
    SiteFigures figures;
    std::vector<Site> sites;
  };

  CallSite describe(const Group& group, SiteOrder order) const;

  Database& database_;
  std::vector<Group> groups_;
  SiteFigures total_;
};

}  // namespace memoir
