#include "trace/site_packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/scratch_file.h"
#include "trace/database.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

struct TraceOfSites {
  TraceOfSites() : writer_(file_.path(), false) { writer_.begin(); }

  // Sites of one process, a stack each, with few kinds of figures.
  void add_sites(std::uint32_t process, std::uint32_t count) {
    each_site(process, count, [this](const SiteRow& site) { writer_.put_site(site); });
  }
  template <typename Add>
  void each_site(std::uint32_t process, std::uint32_t count, Add add) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const TraceStackId stack = writer_.intern_stack({}, FrameId{1 + i});
      add(SiteRow{.process = {process},
                  .stack = stack,
                  .api = i % 2 == 0 ? Api::kMalloc : Api::kNew,
                  .allocations = 3,
                  .allocated_bytes = 300 + i % 5,
                  .frees = 2,
                  .live_blocks = 1,
                  .live_bytes = 100,
                  .peak_blocks = 2,
                  .peak_bytes = 200,
                  .at_global_peak = 50,
                  .temporary = 1,
                  .min_size = 90,
                  .max_size = 110,
                  .first_t = 1000ULL * i,
                  .last_t = 5000ULL * i});
    }
  }

  // Every row and column of a query.
  std::string rows(const std::string& sql) {
    std::string all;
    Statement statement = writer_.database().prepare(sql);
    while (statement.step()) {
      for (int i = 0; i < statement.columns(); ++i) {
        all += std::string(statement.text(i)) + '|';
      }
      all += '\n';
    }
    return all;
  }
  std::string sites() { return rows("SELECT * FROM site ORDER BY stack, process, api"); }
  std::int64_t number(const std::string& sql) {
    return writer_.database().query_integer(sql);
  }

  const ScratchFile file_;
  TraceWriter writer_;
};

class SitePackingTest : public testing::Test, protected TraceOfSites {};

TEST_F(SitePackingTest, ChangesNothingThatViewsShow) {
  add_sites(1, 2000);
  add_sites(2, 300);  // stacks that have a site already
  writer_.put_site({.process = {1}, .stack = {5}, .api = Api::kCalloc, .allocations = 1});
  writer_.put_site({.process = {1}, .stack = {}, .api = Api::kMalloc, .allocations = 7});
  writer_.commit();
  writer_.database().execute("INSERT INTO attribution(stack, frame) VALUES(9999, 4)");
  const std::string before = sites();
  const std::string leaks = rows("SELECT * FROM leaks ORDER BY process, stack");
  const std::string frames = rows("SELECT stack, frame FROM attribution");
  writer_.finish();
  EXPECT_EQ(sites(), before);
  EXPECT_EQ(rows("SELECT * FROM leaks ORDER BY process, stack"), leaks);
  EXPECT_EQ(rows("SELECT stack, frame FROM attribution"), frames);
  EXPECT_EQ(number("SELECT count(*) FROM site_row"), 302);
  EXPECT_EQ(number("SELECT count(*) FROM site_figures"), 10);
  EXPECT_EQ(number("SELECT count(*) FROM attribution WHERE figures IS NOT NULL"), 2000);
}

// Whether they lie in the file or in memory when they are packed, and whether the file
// has earlier figures of them.
TEST(SitePacking, SitesThatWereKeptArePackedLikeThoseThatWereWritten) {
  const auto pack = [](bool commit, bool earlier) {
    TraceOfSites trace;
    TraceWriter& writer = trace.writer_;
    const auto keep = [&](SiteRow site) {
      if (earlier && site.stack.value % 2 == 0) {
        site.id = writer.put_site({.process = site.process, .stack = site.stack});
      }
      writer.keep_site(site);
    };
    trace.each_site(1, 20, keep);
    trace.each_site(2, 6, keep);
    writer.put_fault({.process = {1}, .stack = writer.intern_stack({}, FrameId{900})});
    if (commit) {
      writer.commit();
      writer.begin();
    }
    EXPECT_EQ(trace.number("SELECT count(*) FROM site_row"),
              commit ? 26 : (earlier ? 13 : 0));
    writer.pack_sites(std::vector<std::uint32_t>{0, 0, 77});
    writer.finish();
    return trace.sites() + trace.rows("SELECT stack, frame FROM attribution") +
           trace.rows("SELECT stack FROM site_row ORDER BY stack") +
           trace.rows("SELECT count(*) FROM site_figures");
  };
  const std::string expected = pack(true, false);
  EXPECT_THAT(expected, testing::HasSubstr("\n2|77|\n3|3|\n"));
  EXPECT_THAT(expected, testing::HasSubstr("\n21|900|\n1|\n2|\n3|\n4|\n5|\n6|\n10|\n"));
  EXPECT_EQ(pack(true, true), expected);
  EXPECT_EQ(pack(false, false), expected);
  EXPECT_EQ(pack(false, true), expected);
}

TEST_F(SitePackingTest, CommitWritesWhatIsKept) {
  each_site(1, 100, [this](const SiteRow& site) { writer_.keep_site(site); });
  EXPECT_EQ(number("SELECT count(*) FROM site"), 0);
  writer_.commit();
  EXPECT_EQ(number("SELECT count(*) FROM site"), 100);
  EXPECT_EQ(number("SELECT count(*) FROM attribution"), 100);
}

TEST_F(SitePackingTest, GivesBackThePagesThatWereFreed) {
  add_sites(1, 20'000);
  writer_.commit();
  const std::int64_t before = number("PRAGMA page_count");
  writer_.finish();
  EXPECT_LT(number("PRAGMA page_count"), before * 2 / 3);
  EXPECT_EQ(number("PRAGMA freelist_count"), 0);
  EXPECT_EQ(rows("PRAGMA integrity_check"), "ok|\n");
}

TEST_F(SitePackingTest, ATraceWithoutSitesHasNothingToPack) {
  writer_.commit();
  writer_.finish();
  EXPECT_EQ(number("SELECT count(*) FROM site"), 0);
}

}  // namespace
}  // namespace memoir
