#include "track/module_registry.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace memoir {
namespace {

// The tenant of the module that is known there.
std::uint64_t tenant_at(ModuleRegistry& registry, std::uint64_t pc) {
  std::uint64_t tenant = ~0ull;
  EXPECT_TRUE(registry.find_tenant(pc, tenant));
  return tenant;
}

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
  ASSERT_TRUE(
      find_module(address_of(reinterpret_cast<void*>(&gnu_get_libc_version)), module));
  EXPECT_NE(std::string(module.name).find("libc.so"), std::string::npos);
  EXPECT_LE(module.begin, address_of(reinterpret_cast<void*>(&gnu_get_libc_version)));
  EXPECT_GT(module.end, address_of(reinterpret_cast<void*>(&gnu_get_libc_version)));
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
  const std::uint64_t pc = address_of(reinterpret_cast<void*>(&gnu_get_libc_version));
  ModuleRegistry::Range range;
  EXPECT_EQ(registry->look_up(pc, range), ModuleRegistry::Place::kUnknown);
  ModuleImage module;
  ASSERT_TRUE(find_module(pc, module));
  EXPECT_TRUE(registry->add(module));
  EXPECT_FALSE(registry->add(module));
  EXPECT_EQ(registry->look_up(pc, range), ModuleRegistry::Place::kKnown);
  EXPECT_EQ(range.begin, module.begin);
  EXPECT_EQ(tenant_at(*registry, pc), 0u);
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
  ModuleRegistry::Range range;
  EXPECT_EQ(registry->look_up(pc, range), ModuleRegistry::Place::kUnknown);
}

TEST(ModuleRegistry, NoticesAnotherModuleInTheSamePlace) {
  const auto registry = std::make_unique<ModuleRegistry>();
  const std::uint64_t pc = address_of(reinterpret_cast<void*>(&gnu_get_libc_version));
  ModuleImage module;
  ASSERT_TRUE(find_module(pc, module));
  // As if the C library had come where a module with another build id was.
  std::vector<std::uint8_t> other(module.build_id,
                                  module.build_id + module.build_id_size);
  other[3] ^= 1;
  ModuleImage before = module;
  before.build_id = other.data();
  ASSERT_TRUE(registry->add(before));
  ModuleRegistry::Range range;
  EXPECT_EQ(registry->look_up(pc, range), ModuleRegistry::Place::kReplaced);
  EXPECT_EQ(tenant_at(*registry, pc), 0u);
  EXPECT_TRUE(registry->drop(range));
  EXPECT_FALSE(registry->drop(range));
  std::uint64_t none = 0;
  EXPECT_FALSE(registry->find_tenant(pc, none));
  EXPECT_EQ(registry->generation(), 1u);
  // What comes to the same place is another tenant, ...
  EXPECT_TRUE(registry->add(module));
  EXPECT_EQ(tenant_at(*registry, pc), 1u);
  // ... and what comes back is the one it was, however often.
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(registry->drop(range));
    EXPECT_TRUE(registry->add(before));
    EXPECT_EQ(tenant_at(*registry, pc), 0u);
    EXPECT_TRUE(registry->drop(range));
    EXPECT_TRUE(registry->add(module));
    EXPECT_EQ(tenant_at(*registry, pc), 1u);
  }
}

}  // namespace
}  // namespace memoir
