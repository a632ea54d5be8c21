#pragma once

// One process of the program that does not exist: blocks of many sizes that live as
// blocks of real programs do, on the addresses that an allocator would give, counted as
// the collector counts and written as it writes.
//
// Lives, as measured on a real program: a quarter of the blocks die in the next event,
// half of them live for more than 256 events, a third for more than 65,536, some for
// ever.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "collect/aggregates.h"
#include "collect/mappings.h"
#include "random.h"
#include "trace/trace_writer.h"

struct ProcessPlan {
  memoir::ProcessId id;
  memoir::ProcessId parent;
  std::uint64_t events = 0;
  std::uint32_t threads = 1;
  std::uint64_t begin_ns = 0, ns_per_event = 1000;
};

class MadeUpProcess {
 public:
  MadeUpProcess(const ProcessPlan& plan, memoir::TraceWriter& writer,
                const std::vector<memoir::TraceStackId>& stacks, std::uint64_t seed);

  // Everything from its begin to its end. Commits now and then.
  void run();

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kWheel = 65536;

  struct Block {
    std::uint64_t address = 0, size = 0, t = 0, number = 0;
    std::uint32_t site = 0, thread = 0, stack = 0;
    std::uint32_t next = kNone;  // that dies at the same event
  };
  // What the allocations of a stack look like.
  struct Habit {
    std::uint64_t size = 0;
    bool varies = false;
  };

  void make_block(memoir::TraceEventKind kind, std::uint64_t old_address,
                  std::uint64_t back);
  // Gives a block back; how many were made since it was.
  std::uint64_t end_block(std::uint32_t block);
  void schedule(std::uint32_t block, std::uint64_t dies);
  std::uint32_t due();
  std::uint64_t lifetime();
  std::uint64_t place(std::uint64_t size);
  void give_back(std::uint64_t address, std::uint64_t size);
  void map_something();
  void keep(const memoir::TraceEvent& event, std::uint64_t back);
  void flush_chunk();
  void write_progress(bool final);
  std::uint32_t pick_stack();
  std::uint32_t thread() const {
    return static_cast<std::uint32_t>(now_ / 96 % plan_.threads + 1);
  }

  const ProcessPlan plan_;
  memoir::TraceWriter& writer_;
  const std::vector<memoir::TraceStackId>& stacks_;
  Random random_;
  memoir::Aggregates aggregates_;
  memoir::Mappings mappings_;
  std::vector<Habit> habits_;  // by stack's place

  std::uint64_t now_ = 0, t_ = 0;  // events so far
  std::uint64_t made_ = 0;
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> free_blocks_;
  std::vector<std::uint32_t> wheel_;  // by event modulo its size
  std::vector<std::vector<std::pair<std::uint32_t, std::uint64_t>>> later_;  // by turn
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> free_places_;
  std::vector<std::uint64_t> breaks_;  // by thread: where new memory begins

  memoir::ChunkEncoder chunk_;
  std::uint64_t next_seq_ = 0, chunk_live_bytes_ = 0, chunk_live_blocks_ = 0;
};
