#include "analyze/named_files.h"

#include <gtest/gtest.h>

#include "analyze/faults.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

class NamedFilesTest : public testing::Test {
 protected:
  NamedFilesTest() : trace_(file_.path()) {
    trace_.write();
    stack_ = trace_.stack({{"main", "/src/app/main.cpp", 40},
                           {"use()", "/src/app/build/../parts/use.cpp", 12}});
    trace_.stack({{"other()", "/src/lib/parts/leak.cpp", 3}});
  }
  std::string whole(const std::string& file, std::uint32_t line = 0) {
    NamedFiles files(trace_.writer().database());
    return files.whole_path(file, line, stack_);
  }

  const ScratchFile file_;
  SyntheticTrace trace_;
  TraceStackId stack_;
};

TEST_F(NamedFilesTest, RelativePathsAreTheEndsOfThoseOfFrames) {
  EXPECT_EQ(whole("../parts/use.cpp"), "/src/app/build/../parts/use.cpp");
  EXPECT_EQ(whole("use.cpp"), "/src/app/build/../parts/use.cpp");
  EXPECT_EQ(whole("./../../app/parts/../churn.cpp"), "/src/app/churn.cpp");
  EXPECT_EQ(whole("parts/leak.cpp"), "/src/lib/parts/leak.cpp");
}

TEST_F(NamedFilesTest, WhatNoFrameHasStaysAsItIs) {
  for (const char* file :
       {"", "/src/app/other.cpp", "none.cpp", "se.cpp", "..", "elsewhere/use.cpp"}) {
    EXPECT_EQ(whole(file), file);
  }
}

// Two files end so: the stack knows.
TEST_F(NamedFilesTest, OfSeveralTheOneInTheStack) {
  trace_.stack({{"use_too()", "/src/lib/use.cpp", 12}});
  EXPECT_EQ(whole("use.cpp", 12), "/src/app/build/../parts/use.cpp");
  EXPECT_EQ(whole("use.cpp", 13), "use.cpp");
}

TEST_F(NamedFilesTest, FaultsOfPoolsNameThem) {
  FaultRow row;
  row.process = {1};
  row.kind = FaultKind::kDoubleReturn;
  row.stack = stack_;
  row.misuse = PoolMisuse();
  row.misuse->kind = "block_pool";
  row.misuse->where = {"use()", "../parts/use.cpp", 12};
  row.misuse->allocated = {"churn()", "churn.cpp", 99};
  row.misuse->released = {"gone()", "../gone.cpp", 1};
  trace_.writer().put_fault(row);
  const FaultReport report = find_faults(trace_.writer().database());
  ASSERT_EQ(report.faults.size(), 1U);
  const Fault& fault = report.faults[0];
  EXPECT_EQ(fault.file, "/src/app/build/../parts/use.cpp");
  EXPECT_EQ(fault.row.misuse->where.file, fault.file);
  EXPECT_EQ(fault.row.misuse->allocated.file, "/src/app/churn.cpp");
  EXPECT_EQ(fault.row.misuse->released.file, "../gone.cpp");
}

}  // namespace
}  // namespace memoir
