#include "trace/trace_writer.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>

#include "trace/database.h"
#include "trace/error.h"
#include "trace/intern_listener.h"
#include "trace/intern_tables.h"
#include "trace/recording_lock.h"
#include "trace/schema.h"
#include "trace/site_packing.h"
#include "trace/stack_run.h"
#include "trace/stack_table.h"

namespace memoir {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw Error("cannot write " + path.string() + ": " + std::strerror(error));
}

void remove_companions(const std::filesystem::path& path) {
  for (const char* companion : {"-wal", "-shm", "-journal"}) {
    unlink((path.string() + companion).c_str());
  }
}

// Makes an empty file that is new and ours. O_EXCL: neither a race nor a symbolic link
// makes us write somewhere else.
const std::filesystem::path& create_file(const std::filesystem::path& path,
                                         bool overwrite) {
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) {
    if (!overwrite) fail(path, EEXIST);
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
      throw Error("cannot write " + path.string() + ": not a regular file");
    }
    if (unlink(path.c_str()) != 0) fail(path, errno);
  }
  // Left behind by a writer that was killed; with a new file they would be mixed up.
  remove_companions(path);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) fail(path, errno);
  close(fd);
  return path;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

struct TraceWriter::State {
  State(const std::filesystem::path& path, bool overwrite)
      : lock(create_file(path, overwrite)), database(path, Database::Mode::kReadWrite) {
    try {
      create_schema();
    } catch (const Error& error) {
      // Nothing was recorded yet: half a schema is of no use to anybody.
      unlink(path.c_str());
      remove_companions(path);
      throw Error(std::string("cannot begin a trace: ") + error.what());
    }
  }

  void create_schema() {
    database.execute(
        "PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA synchronous=OFF;");
    Transaction transaction(database);
    database.execute("PRAGMA application_id=" + std::to_string(kTraceApplicationId));
    database.execute("PRAGMA user_version=" + std::to_string(kTraceVersion));
    database.execute(kTraceSchema);
    Statement insert = database.prepare("INSERT INTO api VALUES(?,?,?)");
#define MEMOIR_API(enumerator, number, name) \
  insert.run(number, name, is_mapping(Api::enumerator));
#include "base/allocation_api.inc"
#undef MEMOIR_API
    database.execute("INSERT INTO meta VALUES('complete', 0)");
    transaction.commit();
    database.execute("PRAGMA journal_mode=WAL");
  }

  // Prepared at first use, so that a trace without pools never compiles what pools need.
  Statement& prepared(std::optional<Statement>& slot, std::string_view sql) {
    if (!slot) slot = database.prepare(sql);
    return *slot;
  }

  // Gives a stack that other rows name a place, until there are symbols its innermost.
  void attribute(TraceStackId stack) {
    if (!stack || stack.value > stacks.last()) return;
    if (stack.value >= is_attributed.size()) is_attributed.resize(stacks.last() + 1);
    if (is_attributed[stack.value]) return;
    is_attributed[stack.value] = true;
    new_attributions.push_back(stack.value);
  }
  void write_attributions() {
    Statement& insert = prepared(
        attribution, "INSERT OR IGNORE INTO attribution(stack, frame) VALUES(?,?)");
    for (const std::uint32_t stack : new_attributions) {
      insert.run(stack, stacks.step(stack).frame);
    }
    new_attributions.clear();
  }

  std::int64_t write_site(const SiteRow& row) {
    const std::int64_t id = row.id != 0 ? row.id : next_site++;
    const SiteColumns columns = columns_of(row);
    const SiteColumns::Figures& figures = columns.figures;
    prepared(site,
             "INSERT OR REPLACE INTO site_row VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .run(id, row.process.value, row.stack.value, figures[0], figures[1], figures[2],
             figures[3], figures[4], figures[5], figures[6], figures[7], figures[8],
             figures[9], figures[10], columns.first_us, columns.span_us);
    return id;
  }
  void write_kept_sites() {
    for (const SiteRow& row : kept_sites) write_site(row);
    kept_sites = {};
    kept_rows = 0;
  }

  // Whether all that the file has of sites is what earlier figures of the kept ones were.
  bool keeps_all_sites() const {
    return !kept_sites.empty() && kept_rows == next_site - 1;
  }
  void pack_kept_sites(std::span<const std::uint32_t> places) {
    std::vector<std::uint32_t> frame_of(is_attributed.size());
    for (std::uint32_t stack = 1; stack < frame_of.size(); ++stack) {
      if (!is_attributed[stack]) continue;
      const std::uint32_t place = stack < places.size() ? places[stack] : 0;
      frame_of[stack] = place != 0 ? place : stacks.step(stack).frame;
    }
    new_attributions.clear();
    for (const std::size_t left : memoir::pack_sites(database, kept_sites, frame_of)) {
      kept_sites[left].id = 0;
      write_site(kept_sites[left]);
    }
    kept_sites = {};
  }

  RecordingLock lock;  // before the connection: it must be closed after it
  Database database;
  InternTables tables;
  StackTable stacks;
  BlockChunks blocks{database};
  StackRuns runs{database};
  FaultTable faults{database};
  PoolTable pools{database};
  InternListener* listener = nullptr;
  std::vector<bool> is_attributed;              // by stack
  std::vector<std::uint32_t> new_attributions;  // of these, those not in the file yet
  std::int64_t next_site = 1;                   // id of a new row
  std::vector<SiteRow> kept_sites;
  std::int64_t kept_rows = 0;  // how many of them have a row
  bool open = false;           // between begin() and commit()
  bool packed = false;
  std::optional<Statement> meta, module, frame, process, thread, module_load, chunk, site,
      attribution, timeline, size_hist, lifetime_hist, sample, mark, failure;
};

TraceWriter::TraceWriter(const std::filesystem::path& path, bool overwrite)
    : state_(std::make_unique<State>(path, overwrite)) {}

TraceWriter::~TraceWriter() = default;

void TraceWriter::begin() {
  state_->database.execute("BEGIN");
  state_->open = true;
}

void TraceWriter::commit() {
  state_->write_kept_sites();
  state_->write_attributions();
  state_->runs.flush();
  state_->blocks.flush();
  state_->database.execute("COMMIT");
  state_->open = false;
  if (state_->listener != nullptr) state_->listener->pause();
}

void TraceWriter::set_listener(InternListener* listener) { state_->listener = listener; }

void TraceWriter::put_meta(std::string_view key, std::string_view value) {
  state_->prepared(state_->meta, "INSERT OR REPLACE INTO meta VALUES(?,?)")
      .run(key, value);
}

ModuleId TraceWriter::intern_module(std::string_view path, std::string_view build_id) {
  const auto [id, is_new] = state_->tables.module(path, build_id);
  if (is_new) {
    state_->prepared(state_->module, "INSERT INTO module VALUES(?,?,?,?)")
        .run(id.value, path, file_name(path), build_id);
    if (state_->listener != nullptr) state_->listener->new_module(id, path, build_id);
  }
  return id;
}

FrameId TraceWriter::intern_frame(ModuleId module, std::uint64_t address) {
  const auto [id, is_new] = state_->tables.frame(module, address);
  if (is_new) {
    state_->prepared(state_->frame, "INSERT INTO frame VALUES(?,?,?)")
        .run(id.value, module.value, address);
    if (state_->listener != nullptr && module) {
      state_->listener->new_frame(id, module, address);
    }
  }
  return id;
}

TraceStackId TraceWriter::intern_stack(TraceStackId parent, FrameId frame,
                                       ProcessId maker) {
  const auto [id, is_new] = state_->stacks.intern(parent, frame, maker);
  if (is_new) state_->runs.add(id.value, parent.value, frame.value);
  return id;
}

void TraceWriter::put_process(const ProcessRow& row) {
  state_
      ->prepared(state_->process,
                 "INSERT OR REPLACE INTO process VALUES"
                 "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .run(row.id.value, row.pid, row.parent_pid, row.parent.value, row.command,
           row.executable, row.started, row.ended, row.end, row.allocations, row.frees,
           row.allocated_bytes, row.peak_bytes, row.peak_blocks, row.peak_t,
           row.live_blocks, row.live_bytes, row.temporary, row.mapped_peak_bytes,
           row.mapped_live_bytes, row.dropped, row.unknown_frees, row.events,
           row.complete, row.stacks_cut);
}

void TraceWriter::put_thread(const ThreadRow& row) {
  state_->prepared(state_->thread, "INSERT OR REPLACE INTO thread VALUES(?,?,?,?,?,?)")
      .run(row.process.value, row.thread.value, row.tid, row.name, row.started,
           row.ended);
}

void TraceWriter::put_module_load(const ModuleLoadRow& row) {
  state_
      ->prepared(state_->module_load,
                 "INSERT OR REPLACE INTO module_load VALUES(?,?,?,?,?,?,?,?)")
      .run(row.id, row.process.value, row.module.value, row.base, row.begin, row.end,
           row.loaded, row.unloaded);
}

void TraceWriter::put_chunk(const ChunkRow& row) {
  put_chunk(row, row.events.size(), encode_chunk(row.events));
}

void TraceWriter::put_chunk(const ChunkRow& row, std::size_t events,
                            std::span<const std::uint8_t> bytes) {
  state_->prepared(state_->chunk, "INSERT INTO chunk VALUES(NULL,?,?,?,?,?,?,?,?,?)")
      .run(row.process.value, row.first_seq, static_cast<std::uint64_t>(events), row.t0,
           row.t1, row.live_bytes, row.live_blocks, kCodecZstdColumns, bytes);
}

std::int64_t TraceWriter::put_site(const SiteRow& row) {
  state_->attribute(row.stack);
  return state_->write_site(row);
}

void TraceWriter::keep_site(const SiteRow& row) {
  state_->attribute(row.stack);
  state_->kept_rows += row.id != 0 ? 1 : 0;
  state_->kept_sites.push_back(row);
}

void TraceWriter::put_block(const BlockRow& row) { state_->blocks.put(row); }

void TraceWriter::put_timeline(const TimelineRow& row) {
  state_
      ->prepared(state_->timeline,
                 "INSERT OR REPLACE INTO timeline VALUES(?,?,?,?,?,?,?,?,?,?,?,?)")
      .run(row.process.value, row.level, row.bucket, row.t0, row.t1, row.live_min,
           row.live_max, row.live_end, row.blocks_end, row.allocations, row.frees,
           row.allocated_bytes);
}

void TraceWriter::put_size_histogram(const HistogramRow& row) {
  state_->prepared(state_->size_hist, "INSERT OR REPLACE INTO size_hist VALUES(?,?,?,?)")
      .run(row.process.value, row.bucket, row.blocks, row.bytes);
}

void TraceWriter::put_lifetime_histogram(const HistogramRow& row) {
  state_
      ->prepared(state_->lifetime_hist,
                 "INSERT OR REPLACE INTO lifetime_hist VALUES(?,?,?,?)")
      .run(row.process.value, row.bucket, row.blocks, row.bytes);
}

void TraceWriter::put_sample(const SampleRow& row) {
  state_->prepared(state_->sample, "INSERT INTO sample VALUES(?,?,?,?)")
      .run(row.process.value, row.t, row.rss, row.virtual_bytes);
}

void TraceWriter::put_mark(const MarkRow& row) {
  state_->prepared(state_->mark, "INSERT INTO mark VALUES(?,?,?)")
      .run(row.process.value, row.t, row.name);
}

void TraceWriter::put_failure(const FailureRow& row) {
  state_->attribute(row.stack);
  state_->prepared(state_->failure, "INSERT OR REPLACE INTO failure VALUES(?,?,?,?,?,?)")
      .run(row.process.value, row.stack.value, static_cast<int>(row.api), row.count,
           row.bytes, row.first_t);
}

void TraceWriter::put_pool(const PoolRow& row) {
  state_->attribute(row.stack);
  state_->pools.put(row);
}

void TraceWriter::put_pool_site(const PoolSiteRow& row) {
  state_->attribute(row.stack);
  state_->pools.put(row);
}

void TraceWriter::put_pool_backing(const PoolBackingRow& row) { state_->pools.put(row); }

void TraceWriter::put_pool_event(ProcessId process, std::uint32_t pool,
                                 std::uint64_t number, const PoolEventRow& row) {
  if (row.stack.value != 0) state_->attribute(row.stack);
  state_->pools.put(process, pool, number, row);
}

void TraceWriter::remove_pool(ProcessId process, std::uint32_t pool) {
  state_->pools.remove(process, pool);
}

std::int64_t TraceWriter::put_fault(const FaultRow& row) {
  for (const TraceStackId stack : {row.stack, row.alloc_stack, row.free_stack}) {
    state_->attribute(stack);
  }
  return state_->faults.put(row);
}

void TraceWriter::set_fault_count(std::int64_t id, std::uint64_t count) {
  state_->faults.set_count(id, count);
}

void TraceWriter::put_suppression(std::string_view rule, std::uint64_t hits,
                                  std::uint64_t bytes) {
  state_->faults.put_suppression(rule, hits, bytes);
}

Database& TraceWriter::database() {
  // Those that will be packed from memory would be written twice.
  if (!state_->keeps_all_sites()) state_->write_attributions();
  state_->runs.flush();
  return state_->database;
}

bool TraceWriter::has_begun() const { return state_->open; }

const StackTable& TraceWriter::stacks() const { return state_->stacks; }

void TraceWriter::pack_sites(std::span<const std::uint32_t> places) {
  state_->packed = true;
  if (state_->keeps_all_sites()) return state_->pack_kept_sites(places);
  state_->write_kept_sites();
  Statement update =
      database().prepare("UPDATE attribution SET frame = ?2 WHERE stack = ?1");
  const std::size_t end = std::min(places.size(), state_->is_attributed.size());
  for (std::uint32_t stack = 1; stack < end; ++stack) {
    if (places[stack] != 0 && state_->is_attributed[stack]) {
      update.run(stack, places[stack]);
    }
  }
  memoir::pack_sites(state_->database);
}

void TraceWriter::finish() {
  Database& database = state_->database;
  if (!state_->open) begin();
  if (!state_->packed) pack_sites({});
  database.execute(kTraceIndexes);
  put_meta("complete", "1");
  commit();
  // Leaving WAL mode is refused at once, whatever the busy timeout, while someone reads
  // the trace. Most readers are done in a moment.
  constexpr int kAttempts = 40;
  sqlite3_busy_timeout(database.raw(), 10);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    try {
      database.execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE;");
      return;
    } catch (const Error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
  }
  // Somebody holds it open: it stays in WAL mode, complete as it is, with files beside
  // it.
}

}  // namespace memoir
