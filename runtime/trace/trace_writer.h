#pragma once

// Writes one trace. The collector is its only caller while a program runs; symbolizing
// and the indexes come at the end.
//
//   create ──► begin ──► put_*/intern_* ... ──► commit ──► begin ──► ... ──► finish
//
// Invariants:
//  (1) Nothing is visible to readers before commit(); a killed writer leaves a file that
//      opens with everything up to the last commit (WAL, synchronous=OFF).
//  (2) intern_* gives the same id for the same thing for the life of the writer, from
//      memory; a new one is inserted at once.
//  (3) put_process, put_thread, put_module_load, put_timeline and the histograms replace
//      the row of the same key, put_site the row whose id it is given, so that they can
//      be called again with newer figures.
//
// Thread safety: one thread at a time. Errors: throws Error ("no space left on device"
// is one), after which the last commit stands.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trace/block_chunks.h"
#include "trace/event_codec.h"
#include "trace/fault_table.h"
#include "trace/ids.h"
#include "trace/pool_table.h"

namespace memoir {

class Database;
class InternListener;
class StackTable;

struct ProcessRow {
  ProcessId id = {};
  std::int64_t pid = 0;
  std::int64_t parent_pid = 0;
  ProcessId parent = {};     // the image it was forked from or replaced; 0 when unknown
  std::string command = {};  // arguments, quoted for a shell where they need it
  std::string executable = {};  // path
  std::uint64_t started = 0;    // ns since the trace began
  std::optional<std::uint64_t> ended = {};
  std::string end = "running";  // exit:N signal:N exec killed running
  std::uint64_t allocations = 0, frees = 0, allocated_bytes = 0;
  std::uint64_t peak_bytes = 0, peak_blocks = 0, peak_t = 0;  // heap, mappings apart
  std::uint64_t live_blocks = 0, live_bytes = 0, temporary = 0;
  std::uint64_t mapped_peak_bytes = 0, mapped_live_bytes = 0;
  std::uint64_t dropped = 0;        // events lost, always shown
  std::uint64_t unknown_frees = 0;  // frees of blocks that were made before recording
  std::uint64_t events = 0;
  bool complete = false;    // the collector saw its end and wrote its live blocks
  bool stacks_cut = false;  // the depot was full: stacks lack inner frames
};

struct ThreadRow {
  ProcessId process = {};
  TraceThreadId thread = {};
  std::int64_t tid = 0;
  std::string name = {};
  std::uint64_t started = 0;
  std::optional<std::uint64_t> ended = {};
};

struct ModuleLoadRow {
  std::int64_t id = 0;  // chosen by the caller, unique in the trace
  ProcessId process = {};
  ModuleId module = {};
  std::uint64_t base = 0;  // load bias: address minus the file's virtual address
  std::uint64_t begin = 0, end = 0;  // the addresses it covers
  std::uint64_t loaded = 0;
  std::optional<std::uint64_t> unloaded = {};
};

struct ChunkRow {
  ProcessId process = {};
  std::uint64_t first_seq = 0;   // of the process, from 0
  std::uint64_t t0 = 0, t1 = 0;  // the smallest and the largest of its times
  std::uint64_t live_bytes = 0, live_blocks = 0;  // before its first event
  std::span<const TraceEvent> events = {};
};

struct SiteRow {
  std::int64_t id = 0;  // what put_site() returned; 0: not written yet
  ProcessId process = {};
  TraceStackId stack = {};
  Api api = Api::kUnknown;
  std::uint64_t allocations = 0, allocated_bytes = 0, frees = 0;
  std::uint64_t live_blocks = 0, live_bytes = 0;  // blocks: allocations less frees
  std::uint64_t peak_blocks = 0, peak_bytes = 0;  // the site's own peak
  std::uint64_t at_global_peak = 0;  // its live bytes when the process was at its peak
  std::uint64_t temporary = 0;
  std::uint64_t min_size = 0, max_size = 0;
  std::uint64_t first_t = 0, last_t = 0;  // kept to the microsecond
};

struct TimelineRow {
  ProcessId process = {};
  std::uint32_t level = 0;  // 0: buckets of 1,024 events; each level up: eight of them
  std::uint64_t bucket = 0;
  std::uint64_t t0 = 0, t1 = 0;
  std::uint64_t live_min = 0, live_max = 0, live_end = 0, blocks_end = 0;
  std::uint64_t allocations = 0, frees = 0, allocated_bytes = 0;
};

struct HistogramRow {
  ProcessId process = {};
  std::uint32_t bucket =
      0;  // floor(log2(value)) + 1; 0 for value 0. Bytes, or ns of life
  std::uint64_t blocks = 0, bytes = 0;
};

struct SampleRow {
  ProcessId process = {};
  std::uint64_t t = 0, rss = 0, virtual_bytes = 0;
};

struct MarkRow {
  ProcessId process = {};
  std::uint64_t t = 0;
  std::string name = {};
};

// Allocations of one stack that were made to fail.
struct FailureRow {
  ProcessId process = {};
  TraceStackId stack = {};
  Api api = Api::kUnknown;
  std::uint64_t count = 0, bytes = 0, first_t = 0;
};

class TraceWriter {
 public:
  // Makes a new file (0600). Throws Error when it exists and `overwrite` is not set, or
  // when it cannot be written.
  TraceWriter(const std::filesystem::path& path, bool overwrite);
  ~TraceWriter();
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;

  void begin();
  void commit();

  // Is told of everything interned from now on; null: nobody. Outlives that.
  void set_listener(InternListener* listener);

  void put_meta(std::string_view key, std::string_view value);

  // The same path with another build id is another module. `build_id` is in hex, or
  // empty.
  ModuleId intern_module(std::string_view path, std::string_view build_id);
  // `address` is relative to the module (a virtual address of its file), or absolute when
  // `module` is none. It is a return address: the call lies before it.
  FrameId intern_frame(ModuleId module, std::uint64_t address);
  // `parent` is the caller's stack, none for the outermost frame. A process may say that
  // it asks for it, if it does so once for each parent and frame: it then gets it sooner.
  TraceStackId intern_stack(TraceStackId parent, FrameId frame, ProcessId maker = {});

  void put_process(const ProcessRow& row);
  void put_thread(const ThreadRow& row);
  void put_module_load(const ModuleLoadRow& row);
  void put_chunk(const ChunkRow& row);
  // The same of events that were encoded already; `row.events` is not looked at.
  void put_chunk(const ChunkRow& row, std::size_t events,
                 std::span<const std::uint8_t> bytes);
  // The row's id: its own, or a new one.
  std::int64_t put_site(const SiteRow& row);
  // The same with figures that will not change any more. It stays in memory until
  // commit() writes it, or pack_sites() if that comes first.
  void keep_site(const SiteRow& row);
  void put_block(const BlockRow& row);  // live at the end of its process
  void put_timeline(const TimelineRow& row);
  void put_size_histogram(const HistogramRow& row);
  void put_lifetime_histogram(const HistogramRow& row);
  void put_sample(const SampleRow& row);
  void put_mark(const MarkRow& row);
  void put_failure(const FailureRow& row);
  // Replace the row of the same key.
  void put_pool(const PoolRow& row);
  void put_pool_site(const PoolSiteRow& row);
  void put_pool_backing(const PoolBackingRow& row);
  void put_pool_event(ProcessId process, std::uint32_t pool, std::uint64_t number,
                      const PoolEventRow& row);
  void remove_pool(ProcessId process, std::uint32_t pool);
  // The row's number.
  std::int64_t put_fault(const FaultRow& row);
  void set_fault_count(std::int64_t id, std::uint64_t count);
  void put_suppression(std::string_view rule, std::uint64_t hits, std::uint64_t bytes);

  // For who reads or symbolizes the same file, inside the writer's transaction where one
  // has begun. Stacks that wait for their run to end are written first; sites that are
  // kept are not, nor are attributions while nothing but kept sites have any.
  Database& database();
  bool has_begun() const;
  // All stacks so far.
  const StackTable& stacks() const;

  // Brings all sites into the form that a finished trace has (trace/site_packing.h).
  // `places`: the frame that each stack is attributed to, or 0.
  void pack_sites(std::span<const std::uint32_t> places);

  // Packs the sites where that was not done, indexes, meta complete=1, WAL folded back
  // into one plain file. Nothing may be put afterwards.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace memoir
