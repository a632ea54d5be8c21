#include "symbolize/frame_role.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

constexpr const char* kApp = "/usr/bin/app";
constexpr const char* kLibc = "/lib/x86_64-linux-gnu/libc.so.6";

TEST(FrameRole, KnowsTheAllocator) {
  EXPECT_EQ(frame_role(kApp, "malloc"), FrameRole::kAllocator);
  EXPECT_EQ(frame_role(kLibc, "realloc"), FrameRole::kAllocator);
  EXPECT_EQ(frame_role(kApp, "_Znwm"), FrameRole::kAllocator);
  EXPECT_EQ(frame_role(kApp, "_ZnamSt11align_val_tRKSt9nothrow_t"),
            FrameRole::kAllocator);
  EXPECT_EQ(frame_role(kApp, "_ZdlPvm"), FrameRole::kAllocator);
}

TEST(FrameRole, KnowsNamespaceStd) {
  for (const char* name :
       {"_ZNSt6vectorIiSaIiEE9push_backEOi", "_ZNKSt6vectorIiSaIiEE4sizeEv",
        "_ZSt7forwardIiEOT_RNSt16remove_referenceIS0_E4typeE", "_ZNSaIcEC1Ev",
        "_ZNSs6appendEPKc", "_ZN9__gnu_cxx13new_allocatorIiE8allocateEmPKv",
        "_ZNK9__gnu_cxx5__ops14_Iter_less_iterclIPiS3_EEbT_T0_",
        "_ZNRSt8optionalIiE5valueEv", "std::allocator<int>::allocate"}) {
    EXPECT_EQ(frame_role(kApp, name), FrameRole::kAllocator) << name;
  }
}

TEST(FrameRole, KnowsTheLibraryOfAllocators) {
  for (const char* name : {
           "_ZN6memoir7tracked10block_poolIcLm64EE7acquireENS0_4siteE",
           "_ZNK6memoir7tracked11buffer_viewIcE4spanENS0_4siteE",
           "_ZNKR6memoir5plain11buffer_viewIcE4spanEv",
           "_ZN6memoir7records4tellERKNS_14finding_reportE",
           "memoir::records::record",  // seen in one source alone
           "memoir_pool_alloc",
       }) {
    EXPECT_EQ(frame_role("/bin/app", name), FrameRole::kAllocator) << name;
  }
  // Of a program that has a namespace of this name, or is Memoir itself.
  for (const char* name : {"_ZN6memoir5parseEv", "_ZN3app6memoir7trackedEv",
                           "memoir::run", "_Z11memoir_poolv"}) {
    EXPECT_EQ(frame_role("/bin/app", name), FrameRole::kProgram) << name;
  }
}

TEST(FrameRole, LeavesTheProgramItsOwn) {
  for (const char* name :
       {"main", "my_malloc", "_Z4leakv", "_ZN3FoonwEm", "_ZN3app6vectorIiEC1Ev", "_Z",
        "_ZN", "_ZN5StackC1Ev", "_ZN4SthsC1Ev"}) {
    EXPECT_EQ(frame_role(kApp, name), FrameRole::kProgram) << name;
  }
  EXPECT_EQ(frame_role(kApp, ""), FrameRole::kProgram);
}

TEST(FrameRole, KnowsWhatLibcAllocatesForItsCaller) {
  EXPECT_EQ(frame_role(kLibc, "strdup"), FrameRole::kLibcGiver);
  // The interceptor, in a program that the runtime is a part of.
  EXPECT_EQ(frame_role("/opt/app/program", "strdup"), FrameRole::kLibcGiver);
  EXPECT_EQ(frame_role(kLibc, "fopen"), FrameRole::kProgram);
  EXPECT_EQ(frame_role(kLibc, ""), FrameRole::kLibcInternal);
}

TEST(FrameRole, KnowsMemoir) {
  EXPECT_EQ(frame_role("/opt/lib/libmemoir_preload.so", "malloc"), FrameRole::kMemoir);
  EXPECT_EQ(frame_role("/opt/lib/libmemoir_preload.so", ""), FrameRole::kMemoir);
}

}  // namespace
}  // namespace memoir
