#include "trace/intern_tables.h"

#include <utility>

namespace memoir {

Interned<ModuleId> InternTables::module(std::string_view path,
                                        std::string_view build_id) {
  std::string key(path);
  key += '\0';
  key += build_id;
  const auto next = static_cast<std::uint32_t>(modules_.size() + 1);
  const auto [it, is_new] = modules_.try_emplace(std::move(key), next);
  return {{it->second}, is_new};
}

Interned<FrameId> InternTables::frame(ModuleId module, std::uint64_t address) {
  constexpr unsigned kAddressBits = 48;
  const std::uint64_t key = std::uint64_t{module.value} << kAddressBits | address;
  Interned<std::uint32_t> known{};
  if (module.value >> 16 == 0 && address >> kAddressBits == 0 && key != 0) {
    known = small_frames_.insert(key, next_frame_);
  } else {
    const auto [it, is_new] = frames_.try_emplace({address, module.value}, next_frame_);
    known = {it->second, is_new};
  }
  if (known.is_new) ++next_frame_;
  return {{known.id}, known.is_new};
}

}  // namespace memoir
