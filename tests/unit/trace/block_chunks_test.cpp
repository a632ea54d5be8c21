#include "trace/block_chunks.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "trace/trace_reader.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

TEST(BlockChunks, KeepWhatWasLiveByTime) {
  const ScratchFile file;
  {
    TraceWriter writer(file.path(), true);
    writer.begin();
    // More than are held at once, the last first.
    constexpr std::uint64_t kBlocks = 4 * kChunkEvents + 1000;
    for (std::uint64_t i = kBlocks; i != 0; --i) {
      writer.put_block({.process = {1},
                        .address = i * 16,
                        .size = i % 100,
                        .stack = {7},
                        .api = i % 2 == 0 ? Api::kMalloc : Api::kMmap,
                        .thread = {3},
                        .t = i * 8});
    }
    writer.put_block({.process = {2}, .address = 0x123457, .size = 1, .t = 5});
    writer.commit();
    writer.begin();
    writer.put_block({.process = {2}, .address = 0x10, .t = 6});
    writer.finish();
  }
  TraceReader reader(file.path());
  const auto number = [&](const std::string& sql) {
    return reader.database().query_integer(sql);
  };
  EXPECT_EQ(number("SELECT count(*) FROM blocks WHERE process = 1"), 263'144);
  EXPECT_EQ(number("SELECT count(DISTINCT address) FROM blocks WHERE process = 1"),
            263'144);
  EXPECT_EQ(number("SELECT count(DISTINCT seq) FROM blocks WHERE process = 1"), 263'144);
  EXPECT_EQ(number("SELECT count(*) FROM blocks WHERE process = 1 AND (size <> "
                   "address / 16 % 100 OR stack <> 7 OR thread <> 3 OR kind <> "
                   "CASE address % 32 WHEN 0 THEN 'alloc' ELSE 'map' END)"),
            0);
  // Times are cut as in any chunk.
  EXPECT_EQ(number("SELECT count(*) FROM blocks WHERE process = 1 AND "
                   "(t > address / 2 OR t < address / 2 - 512)"),
            0);
  EXPECT_EQ(number("SELECT address FROM blocks WHERE process = 2 AND seq = 0"), 0x123457);
  EXPECT_EQ(number("SELECT address FROM blocks WHERE process = 2 AND t = 6"), 0x10);
  EXPECT_EQ(number("SELECT count(*) FROM events"), 0);
}

TEST(BlockChunks, AProcessThatFreedAllHasNone) {
  const ScratchFile file;
  TraceWriter writer(file.path(), true);
  writer.begin();
  writer.commit();
  EXPECT_EQ(writer.database().query_integer("SELECT count(*) FROM block_chunk"), 0);
}

}  // namespace
}  // namespace memoir
