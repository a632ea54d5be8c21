#include "symbolize/symbolize_trace.h"

#include <gtest/gtest.h>

#include "trace/database.h"
#include "trace/trace_writer.h"
#include "unit/symbolize/compiled_fixture.h"

namespace memoir {
namespace {

// Line numbers matter.
constexpr const char* kTraced = R"source(
#include <cstdio>
extern "C" char __executable_start[];
[[gnu::noinline]] void note(const char* name) {
  char* at = static_cast<char*>(__builtin_return_address(0));
  std::printf("%s %lx\n", name, static_cast<unsigned long>(at - __executable_start));
}
namespace std {
[[gnu::noinline]] int pretend(int n) { note("in_std"); return n; }
}
[[gnu::noinline]] int leaky(int n) {
  note("leaky");  // line 12
  return std::pretend(n) + 1;
}
int main() {
  note("main");  // line 16
  return leaky(4) > 1000;
}
)source";

class SymbolizeTraceTest : public testing::Test {
 protected:
  SymbolizeTraceTest()
      : fixture_(kTraced, "-O1 -g -fPIE -pie"),
        at_(fixture_.addresses()),
        writer_(file_.path(), true) {
    writer_.begin();
    app_ = writer_.intern_module(fixture_.program(), fixture_.build_id());
    memoir_ = writer_.intern_module("/opt/libmemoir_preload.so", "");
    main_ = writer_.intern_stack({}, writer_.intern_frame(app_, at_["main"]));
    leaky_ = writer_.intern_stack(main_, writer_.intern_frame(app_, at_["leaky"]));
    in_std_ = writer_.intern_stack(leaky_, writer_.intern_frame(app_, at_["in_std"]));
    malloc_ = writer_.intern_stack(in_std_, writer_.intern_frame(memoir_, 0x1234));
    jit_ = writer_.intern_stack({}, writer_.intern_frame({}, 0x7f00));
    for (const TraceStackId stack : {main_, leaky_, in_std_, malloc_, jit_}) {
      writer_.put_site({.process = {1}, .stack = stack});
    }
    writer_.commit();
  }

  std::string place(TraceStackId stack) {
    Statement row = writer_.database().prepare(
        "SELECT function || '|' || coalesce(line, '') FROM stack_place WHERE stack = ?");
    row.bind(0, stack.value);
    return row.step() ? std::string(row.text(0)) : "";
  }

  const CompiledFixture fixture_;
  std::map<std::string, std::uint64_t> at_;
  const ScratchFile file_;
  TraceWriter writer_;
  ModuleId app_, memoir_;
  TraceStackId main_, leaky_, in_std_, malloc_, jit_;
};

TEST_F(SymbolizeTraceTest, AttributesStacksToTheProgram) {
  EXPECT_TRUE(needs_symbols(writer_.database()));
  double done = 0;
  symbolize_trace(writer_.database(), [&done](double part) { done = part; });
  EXPECT_EQ(done, 1.0);
  EXPECT_FALSE(needs_symbols(writer_.database()));
  EXPECT_EQ(place(main_), "main|16");
  EXPECT_EQ(place(leaky_), "leaky(int)|12");
  EXPECT_EQ(place(in_std_), "leaky(int)|12");
  EXPECT_EQ(place(malloc_), "leaky(int)|12");
  EXPECT_EQ(place(jit_), "0x7f00|");
}

TEST_F(SymbolizeTraceTest, GoesOnWhereItStopped) {
  symbolize_trace(writer_.database());
  const auto lines = writer_.database().query_integer("SELECT count(*) FROM frame_line");
  writer_.begin();
  const TraceStackId late =
      writer_.intern_stack(main_, writer_.intern_frame(memoir_, 0x5678));
  writer_.put_site({.process = {1}, .stack = late});
  writer_.commit();
  EXPECT_TRUE(needs_symbols(writer_.database()));
  symbolize_trace(writer_.database());
  symbolize_trace(writer_.database());
  EXPECT_EQ(place(late), "main|16");
  EXPECT_EQ(writer_.database().query_integer("SELECT count(*) FROM frame_line"),
            lines + 1);
  EXPECT_EQ(
      writer_.database().query_integer("SELECT count(*) - count(DISTINCT s) FROM string"),
      0);
}

TEST_F(SymbolizeTraceTest, NamesAreReadableBeforeToo) {
  char expected[64];
  std::snprintf(expected, sizeof expected, "fixture+0x%llx|",
                static_cast<unsigned long long>(at_["leaky"]));
  EXPECT_EQ(place(leaky_), expected);
}

}  // namespace
}  // namespace memoir
