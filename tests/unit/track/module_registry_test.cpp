#include "track/module_registry.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace memoir {
namespace {

std::uint64_t address_of(const void* pointer) {
  return reinterpret_cast<std::uint64_t>(pointer);
}

// A library that nothing else in this program loads.
class Plugin {
 public:
  explicit Plugin(const std::string& name)
      : handle_(dlopen((MEMOIR_BUILD_DIR "/tests/programs/" + name).c_str(),
                       RTLD_NOW | RTLD_LOCAL)) {}
  ~Plugin() { close(); }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  bool is_open() const { return handle_ != nullptr; }
  std::uint64_t any_address() const {
    // The link map's first field is the load address; the first page holds the ELF
    // header.
    return *static_cast<const std::uint64_t*>(handle_);
  }
  void close() {
    if (handle_ != nullptr) dlclose(handle_);
    handle_ = nullptr;
  }

 private:
  void* handle_;
};

TEST(FindModule, TellsTheLibraryOfAnAddress) {
  ModuleImage module;
  ASSERT_TRUE(find_module(address_of(reinterpret_cast<void*>(&std::malloc)), module));
  EXPECT_NE(std::string(module.name).find("libc.so"), std::string::npos);
  EXPECT_LE(module.begin, address_of(reinterpret_cast<void*>(&std::malloc)));
  EXPECT_GT(module.end, address_of(reinterpret_cast<void*>(&std::malloc)));
  EXPECT_EQ(module.build_id_size, 20u);
}

TEST(FindModule, KnowsWhatIsNoModule) {
  ModuleImage module;
  const auto heap = std::make_unique<int>(1);
  EXPECT_FALSE(find_module(address_of(heap.get()), module));
  EXPECT_FALSE(find_module(1, module));
}

TEST(ModuleRegistry, KnowsAModuleOnceItWasAdded) {
  const auto registry = std::make_unique<ModuleRegistry>();
  const std::uint64_t pc = address_of(reinterpret_cast<void*>(&std::malloc));
  EXPECT_TRUE(registry->is_unknown(pc));
  ModuleImage module;
  ASSERT_TRUE(find_module(pc, module));
  EXPECT_TRUE(registry->add(module));
  EXPECT_FALSE(registry->add(module));
  EXPECT_FALSE(registry->is_unknown(pc));
  EXPECT_EQ(registry->tenant_of(pc), 0u);
}

TEST(ModuleRegistry, NoticesWhatWasUnloaded) {
  const auto registry = std::make_unique<ModuleRegistry>();
  Plugin plugin("first_plugin.so");
  ASSERT_TRUE(plugin.is_open()) << dlerror();
  const std::uint64_t pc = plugin.any_address() + 1;
  ModuleImage module;
  ASSERT_TRUE(find_module(pc, module));
  ASSERT_TRUE(registry->add(module));
  std::vector<std::uint64_t> unloaded;
  const auto note = [&](std::uint64_t begin, std::uint64_t) {
    unloaded.push_back(begin);
  };
  EXPECT_FALSE(registry->drop_unloaded(note));
  EXPECT_EQ(registry->generation(), 0u);
  plugin.close();
  EXPECT_TRUE(registry->drop_unloaded(note));
  EXPECT_EQ(unloaded, (std::vector<std::uint64_t>{module.begin}));
  EXPECT_EQ(registry->generation(), 1u);
  EXPECT_TRUE(registry->is_unknown(pc));
  // Whatever comes there next is another tenant; other places keep theirs.
  EXPECT_EQ(registry->tenant_of(pc), 1u);
  EXPECT_EQ(registry->tenant_of(address_of(reinterpret_cast<void*>(&std::malloc))), 0u);
}

}  // namespace
}  // namespace memoir
