// The views of a trace as people's scripts see them: through the plain sqlite3 shell.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v sqlite3 >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "no sqlite3 shell";
    }
    SyntheticTrace trace(file_.path());
    trace.write();
    trace.writer().finish();
  }

  std::string shell(const std::string& sql, const std::string& options = "") {
    const std::string command = "sqlite3 -readonly " + options + " '" +
                                file_.path().string() + "' \"" + sql + "\" 2>&1";
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    char buffer[4096];
    std::size_t got = 0;
    while ((got = fread(buffer, 1, sizeof buffer, pipe)) > 0) output.append(buffer, got);
    EXPECT_EQ(pclose(pipe), 0) << output;
    return output;
  }

  // The names of a view's columns, as the shell shows them.
  std::string columns(const std::string& view) {
    return shell("SELECT group_concat(name) FROM pragma_table_info('" + view + "')");
  }

  const ScratchFile file_;
};

TEST_F(SchemaTest, HasTheColumnsOfTheContract) {
  EXPECT_THAT(columns("processes"),
              StartsWith("process,pid,parent_pid,command,end,allocations,frees,"
                         "allocated_bytes,peak_bytes,live_blocks,live_bytes,dropped"));
  EXPECT_THAT(columns("sites"),
              StartsWith("process,stack,function,file,line,module,allocations,frees,"
                         "allocated_bytes,live_blocks,live_bytes,peak_bytes,temporary"));
  EXPECT_EQ(columns("leaks"),
            "process,class,blocks,bytes,function,file,line,module,stack\n");
  EXPECT_THAT(columns("faults"),
              StartsWith("process,kind,count,access,size,block_size,offset,function,file,"
                         "line,message,stack,alloc_stack,free_stack,pool"));
  EXPECT_THAT(columns("stack_frames"),
              StartsWith("stack,depth,function,file,line,module,address,inlined"));
  EXPECT_THAT(columns("pools"),
              StartsWith("process,pool,parent,kind,name,function,file,line,allocations,"
                         "frees,live_blocks,live_bytes,peak_bytes"));
  EXPECT_EQ(columns("marks"), "process,t,name\n");
  EXPECT_THAT(columns("threads"), StartsWith("process,thread,tid,name,started,ended"));
  EXPECT_THAT(columns("stack_text"), StartsWith("stack,text"));
  EXPECT_THAT(columns("timeline_1s"), StartsWith("process,second"));
}

TEST_F(SchemaTest, LeaksAreAReportAtOnce) {
  EXPECT_EQ(shell("select * from leaks"),
            "1|unknown|2|2000|leak_here()|/src/app/leak.cpp|12|/usr/bin/app|4\n"
            "1|unknown|1|1000|leak_here()|/src/app/leak.cpp|12|/usr/bin/app|6\n"
            "1|unknown|1|500|strings(char const*)|/src/app/main.cpp|55|/usr/bin/app|8\n"
            "2|unknown|1|70|strings(char const*)|/src/app/main.cpp|55|/usr/bin/app|8\n");
}

TEST_F(SchemaTest, SitesHoldEveryFigure) {
  EXPECT_EQ(shell("select process, function, line, allocations, frees, allocated_bytes, "
                  "live_blocks, live_bytes, peak_bytes, temporary, api from sites "
                  "where live_blocks > 0 order by process, live_bytes"),
            "1|strings(char const*)|55|11|10|900|1|500|500|0|calloc\n"
            "1|leak_here()|12|1|0|1000|1|1000|1000|0|operator new\n"
            "1|leak_here()|12|2|0|2000|2|2000|2000|0|operator new\n"
            "1|map_file(int)|3|1|0|1048576|1|1048576|1048576|0|mmap\n"
            "2|strings(char const*)|55|1|0|70|1|70|70|0|malloc\n");
}

TEST_F(SchemaTest, ProcessesMarksAndThreads) {
  EXPECT_EQ(
      shell("select process, pid, command, end, live_bytes, dropped from processes"),
      "1|4242|app --big file|exit:0|3500|0\n2|4243|child|signal:11|70|3\n");
  EXPECT_EQ(shell("select * from marks"), "1|10|loaded\n");
  EXPECT_EQ(shell("select count(*), max(name) from threads"), "3|worker\n");
  EXPECT_EQ(shell("select * from faults"), "");
  EXPECT_EQ(shell("select * from pools"), "");
}

TEST_F(SchemaTest, StacksAreReadable) {
  EXPECT_EQ(shell("select depth, function, line, skip from stack_frames where stack = 4"),
            "0|operator new(unsigned long)|0|1\n1|leak_here()|12|0\n2|run(int)|7|0\n"
            "3|main|40|0\n");
  EXPECT_EQ(shell("select text from stack_text where stack = 8"),
            "strings(char const*) (/src/app/main.cpp:55)\nmain (/src/app/main.cpp:40)\n");
  EXPECT_EQ(shell("select count(*) from stack_frames"), "13\n");
}

TEST_F(SchemaTest, TimelineBySeconds) {
  EXPECT_EQ(shell("select process, second, live_min, live_max, live_end, allocations "
                  "from timeline_1s"),
            "1|0|0|200|100|2048\n1|1|20|300|150|1024\n");
}

}  // namespace
}  // namespace memoir
