#include "trace/event_table.h"

#include <sqlite3.h>

#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trace/database.h"
#include "trace/error.h"
#include "trace/event_codec.h"

namespace memoir {
namespace {

constexpr const char* kDeclaration =
    "CREATE TABLE events(process INTEGER, seq INTEGER, t INTEGER, kind TEXT,"
    " thread INTEGER, address INTEGER, size INTEGER, stack INTEGER, pool INTEGER,"
    " api TEXT, old_address INTEGER, old_size INTEGER, alignment INTEGER)";

enum EventColumn {
  kProcess,
  kSeq,
  kT,
  kKind,
  kThread,
  kAddress,
  kSize,
  kStack,
  kPool,
  kApi,
  kOldAddress,
  kOldSize,
  kAlignment,
};

// What a constraint on a row means for the chunk it is in. SQLite checks every row again,
// so that a chunk too many costs only time. `?` stands for the value.
struct Pushdown {
  char code;  // names it between best_index() and filter()
  EventColumn column;
  unsigned char op;
  const char* sql;
};

constexpr Pushdown kPushdowns[] = {
    {'a', kProcess, SQLITE_INDEX_CONSTRAINT_EQ, "process = ?"},
    {'b', kSeq, SQLITE_INDEX_CONSTRAINT_EQ, "? BETWEEN first_seq AND first_seq + n - 1"},
    {'c', kSeq, SQLITE_INDEX_CONSTRAINT_GE, "first_seq + n > ?"},
    {'d', kSeq, SQLITE_INDEX_CONSTRAINT_GT, "first_seq + n > ?"},
    {'e', kSeq, SQLITE_INDEX_CONSTRAINT_LE, "first_seq <= ?"},
    {'f', kSeq, SQLITE_INDEX_CONSTRAINT_LT, "first_seq < ?"},
    {'g', kT, SQLITE_INDEX_CONSTRAINT_EQ, "? BETWEEN t0 AND t1"},
    {'h', kT, SQLITE_INDEX_CONSTRAINT_GE, "t1 >= ?"},
    {'i', kT, SQLITE_INDEX_CONSTRAINT_GT, "t1 >= ?"},
    {'j', kT, SQLITE_INDEX_CONSTRAINT_LE, "t0 <= ?"},
    {'k', kT, SQLITE_INDEX_CONSTRAINT_LT, "t0 <= ?"},
};

struct EventTable {
  sqlite3_vtab base{};
  sqlite3* connection = nullptr;
  const char* chunks = nullptr;  // the table that holds them
};

struct ChunkPlace {
  std::int64_t id, process, first_seq;
};

struct Cursor {
  sqlite3_vtab_cursor base{};
  std::vector<ChunkPlace> chunks;
  std::size_t chunk = 0;  // past the end: no more rows
  std::vector<TraceEvent> events;
  std::size_t event = 0;
  std::optional<Statement> load;
};

const EventTable& table_of(const sqlite3_vtab_cursor* cursor) {
  return *reinterpret_cast<const EventTable*>(cursor->pVtab);
}

// Runs `body`; an exception must not travel through SQLite's C.
template <typename Body>
int guarded(sqlite3_vtab* table, Body body) {
  try {
    body();
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  } catch (const Error& error) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.what());
    return SQLITE_ERROR;
  }
}

// Makes the first event at or after the current chunk the current one.
void load_chunk(Cursor& cursor) {
  cursor.event = 0;
  cursor.events.clear();
  for (; cursor.chunk < cursor.chunks.size(); ++cursor.chunk) {
    if (!cursor.load) {
      const EventTable& table = table_of(&cursor.base);
      cursor.load.emplace(table.connection, std::string("SELECT n, codec, data FROM ") +
                                                table.chunks + " WHERE id = ?");
    }
    Statement& load = *cursor.load;
    load.reset();
    load.bind(0, cursor.chunks[cursor.chunk].id);
    if (!load.step()) continue;
    if (load.integer(1) != kCodecZstdColumns) throw Error("events of an unknown codec");
    decode_chunk(load.blob(2), load.natural(0), cursor.events);
    load.reset();
    if (!cursor.events.empty()) return;
  }
}

int connect(sqlite3* connection, void* chunks, int, const char* const*,
            sqlite3_vtab** table, char**) {
  const int code = sqlite3_declare_vtab(connection, kDeclaration);
  if (code != SQLITE_OK) return code;
  auto* made = new (std::nothrow) EventTable;
  if (made == nullptr) return SQLITE_NOMEM;
  made->connection = connection;
  made->chunks = static_cast<const char*>(chunks);
  *table = &made->base;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<EventTable*>(table);
  return SQLITE_OK;
}

bool is_natural_order(const sqlite3_index_info& query, bool one_process) {
  if (query.nOrderBy < 1 || query.nOrderBy > 2) return false;
  for (int i = 0; i < query.nOrderBy; ++i) {
    if (query.aOrderBy[i].desc) return false;
  }
  const int first = query.aOrderBy[0].iColumn;
  if (query.nOrderBy == 2) return first == kProcess && query.aOrderBy[1].iColumn == kSeq;
  return first == kProcess || (first == kSeq && one_process);
}

int best_index(sqlite3_vtab*, sqlite3_index_info* query) {
  std::string codes;
  double cost = 1e9;
  bool one_process = false;
  for (int i = 0; i < query->nConstraint; ++i) {
    const auto& constraint = query->aConstraint[i];
    if (!constraint.usable) continue;
    for (const Pushdown& pushdown : kPushdowns) {
      if (constraint.iColumn != pushdown.column || constraint.op != pushdown.op) continue;
      codes += pushdown.code;
      query->aConstraintUsage[i].argvIndex = static_cast<int>(codes.size());
      one_process |= pushdown.column == kProcess;
      cost /= pushdown.op == SQLITE_INDEX_CONSTRAINT_EQ && pushdown.column != kProcess
                  ? 1000
                  : 4;
    }
  }
  query->idxStr = sqlite3_mprintf("%s", codes.c_str());
  if (query->idxStr == nullptr) return SQLITE_NOMEM;
  query->needToFreeIdxStr = 1;
  query->estimatedCost = cost;
  query->estimatedRows = static_cast<sqlite3_int64>(cost);
  query->orderByConsumed = is_natural_order(*query, one_process);
  return SQLITE_OK;
}

int open_cursor(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  auto* made = new (std::nothrow) Cursor;
  if (made == nullptr) return SQLITE_NOMEM;
  *cursor = &made->base;
  return SQLITE_OK;
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
  delete reinterpret_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

// The chunks that `codes` and their values allow. The blobs are left alone until needed.
Statement find_chunks(const EventTable& table, std::string_view codes,
                      sqlite3_value** values) {
  std::string sql =
      std::string("SELECT id, process, first_seq FROM ") + table.chunks + " WHERE 1";
  std::vector<sqlite3_value*> bound;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const int type = sqlite3_value_numeric_type(values[i]);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) continue;
    for (const Pushdown& pushdown : kPushdowns) {
      if (pushdown.code == codes[i]) sql += std::string(" AND ") + pushdown.sql;
    }
    bound.push_back(values[i]);
  }
  Statement find(table.connection, sql + " ORDER BY process, first_seq");
  for (std::size_t i = 0; i < bound.size(); ++i) {
    sqlite3_bind_value(find.raw(), static_cast<int>(i + 1), bound[i]);
  }
  return find;
}

int filter(sqlite3_vtab_cursor* base, int, const char* codes, int count,
           sqlite3_value** values) {
  auto& cursor = *reinterpret_cast<Cursor*>(base);
  return guarded(base->pVtab, [&] {
    cursor.chunks.clear();
    cursor.chunk = 0;
    Statement find =
        find_chunks(table_of(base), {codes, static_cast<std::size_t>(count)}, values);
    while (find.step()) {
      cursor.chunks.push_back({find.integer(0), find.integer(1), find.integer(2)});
    }
    load_chunk(cursor);
  });
}

int next(sqlite3_vtab_cursor* base) {
  auto& cursor = *reinterpret_cast<Cursor*>(base);
  if (++cursor.event < cursor.events.size()) return SQLITE_OK;
  return guarded(base->pVtab, [&] {
    ++cursor.chunk;
    load_chunk(cursor);
  });
}

int at_end(sqlite3_vtab_cursor* base) {
  const auto& cursor = *reinterpret_cast<Cursor*>(base);
  return cursor.chunk >= cursor.chunks.size();
}

void result(sqlite3_context* context, std::uint64_t value) {
  sqlite3_result_int64(context, static_cast<sqlite3_int64>(value));
}

void result_unless_zero(sqlite3_context* context, std::uint64_t value) {
  if (value != 0) result(context, value);  // otherwise the result stays NULL
}

void result(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int index) {
  const auto& cursor = *reinterpret_cast<Cursor*>(base);
  const ChunkPlace& chunk = cursor.chunks[cursor.chunk];
  const TraceEvent& event = cursor.events[cursor.event];
  switch (static_cast<EventColumn>(index)) {
    case kProcess:
      sqlite3_result_int64(context, chunk.process);
      break;
    case kSeq:
      result(context, static_cast<std::uint64_t>(chunk.first_seq) + cursor.event);
      break;
    case kT:
      result(context, event.t);
      break;
    case kKind:
      result(context, event_kind_name(static_cast<std::uint8_t>(event.kind)));
      break;
    case kThread:
      result(context, event.thread);
      break;
    case kAddress:
      result(context, event.address);
      break;
    case kSize:
      result(context, event.size);
      break;
    case kStack:
      result_unless_zero(context, event.stack);
      break;
    case kPool:
      if (is_of_pool(event.kind)) result_unless_zero(context, event.old_size);
      break;
    case kApi:
      result(context, api_name(static_cast<std::uint8_t>(event.api)));
      break;
    case kOldAddress:
      result_unless_zero(context, event.old_address);
      break;
    case kOldSize:
      if (!is_of_pool(event.kind)) result_unless_zero(context, event.old_size);
      break;
    case kAlignment:
      if (event.alignment_log2 > 0 && event.alignment_log2 < 63) {
        result(context, std::uint64_t{1} << event.alignment_log2);
      }
      break;
  }
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* base, sqlite3_int64* id) {
  const auto& cursor = *reinterpret_cast<Cursor*>(base);
  const auto chunk = static_cast<std::uint64_t>(cursor.chunks[cursor.chunk].id);
  *id = static_cast<sqlite3_int64>(chunk << 16 | cursor.event);
  return SQLITE_OK;
}

// No xCreate: the table is there without being declared in the file.
sqlite3_module event_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xDestroy = disconnect;
  module.xOpen = open_cursor;
  module.xClose = close_cursor;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = column;
  module.xRowid = rowid;
  return module;
}

}  // namespace

void register_event_table(Database& database) {
  static const sqlite3_module module = event_module();
  static char events[] = "chunk", blocks[] = "block_chunk";
  for (const auto& [name, chunks] : {std::pair{"events", events}, {"blocks", blocks}}) {
    const int code = sqlite3_create_module(database.raw(), name, &module, chunks);
    if (code != SQLITE_OK) throw Error(sqlite3_errmsg(database.raw()));
  }
}

}  // namespace memoir
