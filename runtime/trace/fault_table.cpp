#include "trace/fault_table.h"

#include <span>

#include "trace/fault_names.h"

namespace memoir {
namespace {

// Nothing for zero.
std::optional<std::uint64_t> known(std::uint64_t value) {
  return value == 0 ? std::nullopt : std::optional(value);
}

std::optional<std::string_view> known(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// The values of `late`.
enum : int { kAtOnce = 0, kLater = 1, kAtEnd = 2 };

int when_found(const FaultRow& row) {
  if (!row.late) return kAtOnce;
  return row.at_end ? kAtEnd : kLater;
}

Statement& prepared(Database& database, std::optional<Statement>& slot,
                    std::string_view sql) {
  if (!slot) slot = database.prepare(sql);
  return *slot;
}

Api api_of(std::int64_t number) {
  return number >= 0 && number <= 0xff ? static_cast<Api>(number) : Api::kUnknown;
}

}  // namespace

const char* const kFaultColumns =
    "f.id, f.process, f.kind, f.access, f.place, f.count, f.t, f.late, f.guarded,"
    " f.pinned, f.fill_pattern, f.library_function, f.address, f.size, f.damaged,"
    " f.whole_t, f.claimed, f.block_address, f.block_size, f.block_number, f.alignment,"
    " f.ordinal, f.block_live, f.alloc_api, f.free_api, f.thread, f.alloc_thread,"
    " f.free_thread, f.stack, f.alloc_stack, f.free_stack, f.message, f.dump_address,"
    " f.dump";

FaultRow read_fault_row(const Statement& row) {
  const auto id = [&row](int column) {
    return static_cast<std::uint32_t>(row.integer(column));
  };
  FaultRow fault;
  fault.id = row.integer(0);
  fault.process = {id(1)};
  fault.kind = fault_kind(row.text(2));
  fault.access = fault_access(row.text(3));
  fault.place = memory_place(row.text(4));
  fault.count = row.natural(5);
  fault.t = row.natural(6);
  fault.late = row.integer(7) != kAtOnce;
  fault.at_end = row.integer(7) == kAtEnd;
  fault.guarded = row.integer(8) != 0;
  fault.pinned = row.integer(9) != 0;
  fault.fill_pattern = row.integer(10) != 0;
  fault.library_function = row.text(11);
  fault.address = row.natural(12);
  fault.size = row.natural(13);
  fault.damaged = row.natural(14);
  if (!row.is_null(15)) fault.whole_t = row.natural(15);
  fault.claimed = row.natural(16);
  fault.block_address = row.natural(17);
  fault.block_size = row.natural(18);
  fault.block_number = row.natural(19);
  fault.alignment = row.natural(20);
  fault.ordinal = id(21);
  fault.block_live = row.integer(22) != 0;
  fault.alloc_api = api_of(row.integer(23));
  fault.free_api = api_of(row.integer(24));
  fault.thread = {id(25)};
  fault.alloc_thread = {id(26)};
  fault.free_thread = {id(27)};
  fault.stack = {id(28)};
  fault.alloc_stack = {id(29)};
  fault.free_stack = {id(30)};
  fault.message = row.text(31);
  fault.dump_address = row.natural(32);
  const std::span<const std::uint8_t> dump = row.blob(33);
  fault.dump.assign(dump.begin(), dump.end());
  return fault;
}

std::int64_t FaultTable::put(const FaultRow& row) {
  const bool block = row.place == MemoryPlace::kBlock;
  const auto of_block = [block](std::uint64_t value) {
    return block ? std::optional(value) : std::nullopt;
  };
  prepared(
      database_, insert_,
      "INSERT INTO fault(process, kind, access, place, count, t, late, guarded,"
      " pinned, fill_pattern, library_function, address, size, damaged, whole_t,"
      " claimed, block_address, block_size, block_number, alignment, ordinal,"
      " block_live, alloc_api, free_api, thread, alloc_thread, free_thread, stack,"
      " alloc_stack, free_stack, message, dump_address, dump, offset, pool)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .run(row.process.value, fault_name(row.kind), known(access_name(row.access)),
           known(place_name(row.place)), row.count, row.t, when_found(row), row.guarded,
           row.pinned, row.fill_pattern, known(std::string_view(row.library_function)),
           known(row.address), known(row.size), known(row.damaged), row.whole_t,
           known(row.claimed), of_block(row.block_address), of_block(row.block_size),
           of_block(row.block_number), known(row.alignment),
           known(std::uint64_t{row.ordinal}), row.block_live,
           static_cast<int>(row.alloc_api), static_cast<int>(row.free_api),
           row.thread.value, known(std::uint64_t{row.alloc_thread.value}),
           known(std::uint64_t{row.free_thread.value}), row.stack.value,
           known(std::uint64_t{row.alloc_stack.value}),
           known(std::uint64_t{row.free_stack.value}), row.message,
           known(row.dump_address), std::span<const std::uint8_t>(row.dump),
           block ? std::optional(row.offset()) : std::nullopt,
           row.misuse ? known(std::uint64_t{row.misuse->pool}) : std::nullopt);
  const std::int64_t id = database_.query_integer("SELECT last_insert_rowid()");
  if (row.misuse) put_misuse(id, *row.misuse);
  return id;
}

void FaultTable::put_misuse(std::int64_t fault, const PoolMisuse& misuse) {
  const auto text = [](const std::string& s) { return known(std::string_view(s)); };
  const auto line = [](const SourcePlace& place) {
    return known(std::uint64_t{place.line});
  };
  prepared(database_, misuse_,
           "INSERT OR REPLACE INTO pool_fault VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .run(fault, known(std::uint64_t{misuse.pool}), text(misuse.kind), text(misuse.name),
           text(misuse.text), text(misuse.where.function), text(misuse.where.file),
           line(misuse.where), text(misuse.allocated.function),
           text(misuse.allocated.file), line(misuse.allocated),
           text(misuse.released.function), text(misuse.released.file),
           line(misuse.released));
}

std::optional<PoolMisuse> read_pool_misuse(Database& database, std::int64_t fault) {
  Statement row = database.prepare(
      "SELECT pool, pool_kind, pool_name, text, where_function, where_file, where_line,"
      " alloc_function, alloc_file, alloc_line, free_function, free_file, free_line"
      " FROM pool_fault WHERE fault = ?");
  row.bind(0, fault);
  if (!row.step()) return std::nullopt;
  const auto place = [&row](int column) {
    return SourcePlace{std::string(row.text(column)), std::string(row.text(column + 1)),
                       static_cast<std::uint32_t>(row.integer(column + 2))};
  };
  return PoolMisuse{static_cast<std::uint32_t>(row.integer(0)),
                    std::string(row.text(1)),
                    std::string(row.text(2)),
                    std::string(row.text(3)),
                    place(4),
                    place(7),
                    place(10)};
}

void FaultTable::set_count(std::int64_t id, std::uint64_t count) {
  prepared(database_, count_, "UPDATE fault SET count = ?2 WHERE id = ?1").run(id, count);
}

void FaultTable::put_suppression(std::string_view rule, std::uint64_t hits,
                                 std::uint64_t bytes) {
  prepared(database_, suppression_, "INSERT OR REPLACE INTO suppression VALUES(?,?,?)")
      .run(rule, hits, bytes);
}

}  // namespace memoir
