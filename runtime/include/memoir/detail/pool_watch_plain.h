#pragma once

// pool_watch where tracking is off: nothing at all.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "memoir/detail/pool_event.h"
#include "memoir/detail/watch_style.h"
#include "memoir/finding.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

using records::block_content;
using records::pool_event;
using records::watch_style;

struct block_number {};

class pool_watch {
 public:
  static constexpr bool enabled = false;
  static constexpr std::size_t redzone = 0;
  static constexpr std::size_t space_before(std::size_t) { return 0; }
  static constexpr std::size_t space_after() { return 0; }

  constexpr pool_watch(const char*, watch_style, site, const pool_watch* = nullptr) {}
  constexpr std::uint32_t id() const { return 0; }
  constexpr void set_name(std::string_view) {}
  constexpr void add_backing(void*, std::size_t) {}
  constexpr void remove_backing(void*) {}
  constexpr void claim(const void*) {}
  constexpr void set_link_bytes(std::size_t) {}
  constexpr block_number allocated(void*, std::size_t, std::size_t, std::size_t,
                                   std::size_t, site,
                                   block_content = block_content::uninitialized) {
    return {};
  }
  constexpr block_number allocated(void*, std::size_t, std::size_t, site,
                                   block_content = block_content::uninitialized) {
    return {};
  }
  constexpr bool released(void*, site) { return true; }
  constexpr bool released(void*, block_number, site) { return true; }
  constexpr std::size_t check_size(const void*, std::size_t bytes, site) const {
    return bytes;
  }
  constexpr void resized(void*, std::size_t, std::size_t, site) {}
  constexpr std::size_t room(const void*) const { return 0; }
  constexpr std::size_t reset(site) { return 0; }
  constexpr bool check(const void*, block_number, site) const { return true; }
  constexpr bool is_live(const void*, block_number) const { return true; }
  constexpr std::uint64_t endings() const { return 0; }
  constexpr std::size_t verify(site) { return 0; }
  constexpr bool check_idle(void*, std::size_t, site) { return true; }
  constexpr std::size_t report_live(finding, site) { return 0; }
  constexpr std::size_t describe_live(char* text, std::size_t size) const {
    if (size != 0) *text = '\0';
    return 0;
  }
  constexpr std::size_t live_blocks() const { return 0; }
  constexpr std::size_t live_bytes() const { return 0; }
  constexpr void report(finding, site, const char* = "", const void* = nullptr,
                        std::size_t = 0) const {}
  constexpr void tell(pool_event, site, const void* = nullptr, std::size_t = 0,
                      std::uint64_t = 0, const char* = "", std::uint64_t = 1) const {}
};

}  // namespace detail
MEMOIR_END
