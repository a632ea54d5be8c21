// Memory of a device, which the program may pass on but not touch.

#include <array>

#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "memoir/memory_location.h"
#include "unit/alloc/counted_object.h"
#include "unit/alloc/device_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class MemoryLocationTest : public ::testing::Test {
 protected:
  finding_log log_;
  device_resource device_;
};

TEST_F(MemoryLocationTest, PT_5_buffers_carry_where_they_lie) {
  unique_buffer<int> buffer(4, &device_, memory_location::device);
  EXPECT_EQ(buffer.location(), memory_location::device);
  EXPECT_EQ(buffer.view().location(), memory_location::device);
  const std::array<int, 4> values{1, 2, 3, 4};
  device_resource::copy_to_device(buffer.data(), values.data(), sizeof values);
  std::array<int, 4> back{};
  device_resource::copy_to_host(back.data(), buffer.data(), sizeof back);
  EXPECT_EQ(back, values);
  shared_buffer<int> shared = std::move(buffer);
  EXPECT_EQ(shared.location(), memory_location::device);
  auto released = shared.release();
  EXPECT_EQ(released->location(), memory_location::device);
  released->free();
  EXPECT_EQ(device_.live(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryLocationTest, PT_5_touching_a_device_is_reported) {
  unique_buffer<int> buffer(4, &device_, memory_location::device);
  static_cast<void>(buffer.span());
  EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 1);
  static_cast<void>(buffer.view().span());
  EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 1);
  static_cast<void>(&buffer[0]);
  EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 1);
  EXPECT_THROW(buffer.at(0), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 1);
  EXPECT_THROW(buffer.view().at(0), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 1);
}

TEST_F(MemoryLocationTest, PT_12_touching_a_device_traps) {
  unique_buffer<int> buffer(4, &device_, memory_location::device);
  EXPECT_DEATH(buffer.data()[0] = 1, "");
  EXPECT_DEATH(buffer[0] = 1, "");
}

TEST_F(MemoryLocationTest, PT_5_objects_are_not_constructed_on_a_device) {
  EXPECT_THROW(unique_buffer<counted_object>(1, &device_, memory_location::device),
               std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 2);
  EXPECT_EQ(device_.live(), 0u);
}

TEST_F(MemoryLocationTest, PT_5_locations_have_names) {
  EXPECT_STREQ(name_of(memory_location::host), "host");
  EXPECT_STREQ(name_of(memory_location::host_pinned), "host_pinned");
  EXPECT_STREQ(name_of(memory_location::device), "device");
  EXPECT_STREQ(name_of(memory_location::unified), "unified");
  EXPECT_FALSE(is_host_accessible(memory_location::device));
  EXPECT_TRUE(is_host_accessible(memory_location::unified));
}

}  // namespace
}  // namespace memoir
