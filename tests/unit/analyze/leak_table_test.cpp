#include "analyze/leak_table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analyze/leaks.h"
#include "support/leaking_trace.h"
#include "support/scratch_file.h"

namespace memoir {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

class LeakTableTest : public testing::Test {
 protected:
  LeakTableTest() {
    {
      SyntheticTrace trace(file_.path());
      write_leaking_trace(trace);
    }
    database_ = std::make_unique<Database>(file_.path(), Database::Mode::kReadOnly);
    stacks_ = std::make_shared<StackStore>(*database_);
    leaks_ = read_leaked_stacks(*database_);
    names_ = load_filter_names(*database_, stacks_);
  }
  LeakLives lives(bool by_thread = false, NumberRange made = {}) {
    LeakLivesQuestion question;
    question.by_thread = by_thread;
    question.made = made;
    return read_leak_lives(*database_, question);
  }
  LeakTable table(const LeakLives& lives, LeakTableQuestion question = {}) {
    question.names = &names_;
    return make_leak_table(leaks_, *stacks_, lives, question);
  }
  static const LeakRow* find(const LeakTable& table, std::string_view name) {
    const auto row = std::ranges::find(table.rows, name, &LeakRow::name);
    return row != table.rows.end() ? &*row : nullptr;
  }

  ScratchFile file_;
  std::unique_ptr<Database> database_;
  Stacks stacks_;
  std::vector<LeakedStack> leaks_;
  FilterNames names_;
};

TEST_F(LeakTableTest, ByCallSiteItSaysWhatTheReportSays) {
  const LeakReport report = find_leaks(*database_);
  for (const LeakLives& known : {LeakLives(), lives()}) {
    const LeakTable made = table(known);
    EXPECT_EQ(made.blocks, report.blocks);
    EXPECT_EQ(made.bytes, report.bytes);
    ASSERT_EQ(made.rows.size(), report.leaks.size());
    for (std::size_t i = 0; i < made.rows.size(); ++i) {
      SCOPED_TRACE(i);
      const LeakRow& row = made.rows[i];
      const Leak& leak = report.leaks[i];
      EXPECT_EQ(row.function, leak.function);
      EXPECT_EQ(row.file, leak.file);
      EXPECT_EQ(row.line, leak.line);
      EXPECT_EQ(row.module, leak.module);
      EXPECT_EQ(row.leak_class, leak.leak_class);
      EXPECT_EQ(row.blocks, leak.blocks);
      EXPECT_EQ(row.bytes, leak.bytes);
      EXPECT_EQ(row.stacks, leak.stacks);
      EXPECT_EQ(row.heaviest_stack, leak.heaviest_stack);
      EXPECT_EQ(row.heaviest_bytes, leak.heaviest_bytes);
    }
  }
}

TEST_F(LeakTableTest, KnowsWhenBlocksWereMade) {
  const LeakTable made = table(lives());
  const LeakRow* early = find(made, "early()");
  ASSERT_NE(early, nullptr);
  EXPECT_EQ(early->life.blocks, 4U);
  EXPECT_NEAR(static_cast<double>(early->life.first_t), 100.0 * kMs, kMs);
  EXPECT_NEAR(static_cast<double>(early->life.last_t), 400.0 * kMs, kMs);
  EXPECT_NEAR(early->average_age(), 1'750.0 * kMs, kMs);
  const LeakRow* late = find(made, "late()");
  ASSERT_NE(late, nullptr);
  EXPECT_NEAR(late->average_age(), 300.0 * kMs, kMs);
  // 2 s in 32 pieces: 62.5 ms each.
  EXPECT_EQ(late->life.made[23] + late->life.made[24], 1'000U);
  EXPECT_EQ(late->life.made[30], 1'000U);
  EXPECT_EQ(early->life.made[1] + early->life.made[2], 100U);
}

TEST_F(LeakTableTest, OfARangeAreTheBlocksThatWereMadeInIt) {
  LeakTableQuestion question;
  question.only_lives = true;
  const LeakTable made = table(lives(false, {350 * kMs, 1'600 * kMs}), question);
  ASSERT_EQ(made.rows.size(), 2U);
  EXPECT_EQ(made.rows[0].name, "late()");
  EXPECT_EQ(made.rows[0].bytes, 1'000U);
  EXPECT_EQ(made.rows[1].name, "early()");
  EXPECT_EQ(made.rows[1].blocks, 1U);
  EXPECT_EQ(made.bytes, 1'100U);
  EXPECT_EQ(made.timeless_blocks, 0U);
}

TEST_F(LeakTableTest, WhatHasNoTimesIsCountedApart) {
  {
    Database database(file_.path(), Database::Mode::kReadWrite);
    database.execute("UPDATE process SET complete = 0 WHERE id = 3");
    database.execute("DELETE FROM block_chunk WHERE process = 3");
  }
  LeakTableQuestion question;
  question.only_lives = true;
  const LeakTable made = table(lives(false, {350 * kMs, 1'600 * kMs}), question);
  EXPECT_EQ(made.blocks, 0U);
  EXPECT_EQ(made.timeless_blocks, 6U);
  EXPECT_EQ(made.timeless_bytes, 2'400U);
}

TEST_F(LeakTableTest, GroupsAddUpToTheSame) {
  const std::uint64_t bytes = table(lives()).bytes;
  for (const LeakGroup group :
       {LeakGroup::kFunction, LeakGroup::kFile, LeakGroup::kModule, LeakGroup::kThread}) {
    SCOPED_TRACE(leak_group_name(group));
    LeakTableQuestion question;
    question.group = group;
    const LeakTable made = table(lives(group == LeakGroup::kThread), question);
    EXPECT_EQ(made.bytes, bytes);
    std::uint64_t sum = 0;
    for (const LeakRow& row : made.rows) sum += row.bytes;
    EXPECT_EQ(sum, bytes);
  }
  LeakTableQuestion question;
  question.group = LeakGroup::kFunction;
  // Two processes leak there.
  EXPECT_EQ(find(table(lives(), question), "strings(char const*)")->bytes, 570U);
  question.group = LeakGroup::kFile;
  EXPECT_EQ(find(table(lives(), question), "/src/lib/early.cpp")->bytes, 400U);
  question.group = LeakGroup::kModule;
  EXPECT_EQ(find(table(lives(), question), "/usr/bin/app")->bytes, bytes);
}

TEST_F(LeakTableTest, ThreadsHaveTheirOwn) {
  LeakTableQuestion question;
  question.group = LeakGroup::kThread;
  const LeakTable made = table(lives(true), question);
  const LeakRow* helper = find(made, "process 3, thread 2 \"helper\"");
  ASSERT_NE(helper, nullptr);
  EXPECT_EQ(helper->bytes, 1'000U);
  EXPECT_EQ(find(made, "process 3, thread 1 \"late\"")->bytes, 1'400U);
}

TEST_F(LeakTableTest, RulesSilenceAndTheirSumsAreSaid) {
  Suppressions rules;
  rules.add("leak:early.cpp\nleak:no_such\ndouble_free:late\n", "test");
  LeakTableQuestion question;
  question.rules = &rules;
  const LeakTable whole = table(lives()), made = table(lives(), question);
  EXPECT_EQ(find(made, "early()"), nullptr);
  EXPECT_NE(find(made, "late()"), nullptr);
  ASSERT_EQ(made.silenced.size(), 1U);
  EXPECT_EQ(made.silenced[0].rule, "leak:early.cpp");
  EXPECT_EQ(made.silenced[0].bytes, 400U);
  EXPECT_EQ(made.silenced[0].blocks, 4U);
  EXPECT_EQ(made.bytes + 400, whole.bytes);
}

// A rule is asked about callers, too, as find_leaks() does it.
TEST_F(LeakTableTest, RulesAreAskedAboutAllFrames) {
  Suppressions rules;
  rules.add("leak:run(int)\n", "test");
  LeakTableQuestion question;
  question.rules = &rules;
  const LeakTable made = table(lives(), question);
  ASSERT_EQ(made.silenced.size(), 1U);
  EXPECT_EQ(made.silenced[0].bytes, 2'000U);
  EXPECT_EQ(find(made, "leak_here()")->bytes, 1'000U);
}

TEST_F(LeakTableTest, AFilterTakesStacksAndBlocks) {
  LeakTableQuestion question;
  question.filter = parse_filter("fn:late process:3").filter;
  EXPECT_EQ(table(lives(), question).bytes, 2'000U);
  // Blocks of 100 bytes alone.
  LeakLivesQuestion blocks;
  question.filter = parse_filter("size<500 process:3").filter;
  blocks.filter = words_about_blocks(question.filter);
  ASSERT_EQ(blocks.filter.terms.size(), 1U);
  blocks.names = std::make_shared<FilterNames>(names_);
  question.only_lives = true;
  const LeakTable small = table(read_leak_lives(*database_, blocks), question);
  EXPECT_EQ(small.bytes, 400U);
  question.filter = parse_filter("thread:helper").filter;
  blocks.filter = words_about_blocks(question.filter);
  EXPECT_EQ(table(read_leak_lives(*database_, blocks), question).bytes, 1'000U);
}

TEST_F(LeakTableTest, DamagedBlocksAreRefused) {
  {
    Database database(file_.path(), Database::Mode::kReadWrite);
    database.execute("UPDATE block_chunk SET data = zeroblob(40)");
  }
  EXPECT_THROW(lives(), Error);
}

}  // namespace
}  // namespace memoir
