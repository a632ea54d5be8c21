#pragma once

// Gives the addresses of a trace their names, and its stacks the place they are
// attributed to. Works beside or after the program, once per distinct address; what is
// done already is not done again, so it can be repeated on a trace that was cut short.
//
// Attribution: the innermost logical frame of the program itself (frame_role.h). When
// every frame belongs to the allocator, the innermost one that is not Memoir's.
//
// Thread safety: one thread per database. Errors: throws Error (kTrace). All changes of
// one call are one transaction, or part of the writer's.

#include <functional>

namespace memoir {

class Database;
class EarlySymbols;
class TraceWriter;

// Called now and then with the part that is done, 0 to 1.
using SymbolizeProgress = std::function<void(double done)>;

// `ask_debuginfod`: whether debug files may be fetched from the servers that the
// environment names; otherwise nothing leaves this machine.
void symbolize_trace(Database& database, const SymbolizeProgress& progress = {},
                     bool ask_debuginfod = false);

// The same before a trace is finished, in the writer's transaction, with what was looked
// up while the program ran; stops looking up. `early` heard of everything that was
// interned. Packs the sites. Where much is left to look up, what was recorded is
// committed first.
void symbolize_trace(TraceWriter& writer, EarlySymbols& early,
                     const SymbolizeProgress& progress = {});

// Whether symbolize_trace() would have something to do.
bool needs_symbols(Database& database);

}  // namespace memoir
