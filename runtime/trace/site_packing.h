#pragma once

// How the sites of a finished trace lie: most stacks have one site, and most sites have
// the same figures as another one. So a stack's row in `attribution` takes its first site
// in, and `site_figures` holds what sites have in common; `site_row`, where they lie
// while the trace grows, keeps the others. The view `site` reads all of them alike.

#include "trace/database.h"

namespace memoir {

// Packs the sites of a trace that will not change any more, inside the caller's
// transaction, and gives the pages back that are free then. Throws Error.
void pack_sites(Database& database);

}  // namespace memoir
