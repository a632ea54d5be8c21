#include "track/followed_environment.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <cstring>
#include <new>

#include "base/pages.h"
#include "base/text_writer.h"
#include "track/runtime_state.h"
#include "wire/session_memory.h"

namespace memoir {
namespace {

constexpr char kPreload[] = "LD_PRELOAD=";
constexpr char kSession[] = "MEMOIR_SESSION=";
constexpr char kOptions[] = "MEMOIR_OPTIONS=";
constexpr char kPins[] = "MEMOIR_PINS=";

constinit Text<2048> g_preload;
constinit Text<128> g_session;
constinit Text<2048> g_options;
using PinsText = Text<8192>;  // 64 of them, at their longest
constinit FollowedEnvironment g_followed{};

// The value of an entry of this name, nullptr when it has another.
const char* value_of(const char* entry, const char* name) {
  const std::size_t length = strlen(name);
  return strncmp(entry, name, length) == 0 ? entry + length : nullptr;
}

// Whether a list as LD_PRELOAD has it names the library.
bool names_library(const char* list, const char* library) {
  const std::size_t length = strlen(library);
  for (const char* at = list; (at = strstr(at, library)) != nullptr; at += length) {
    const bool begins = at == list || at[-1] == ':' || at[-1] == ' ';
    const char after = at[length];
    if (begins && (after == '\0' || after == ':' || after == ' ')) return true;
  }
  return false;
}

const char* library_of(const FollowedEnvironment& followed) {
  return followed.preload + sizeof kPreload - 1;
}

// The second library of check mode, where the list names it behind the first.
bool is_followed_by_bounds(const char* list, const char* library, Text<2048>& both) {
  const char* slash = strrchr(library, '/');
  if (slash == nullptr) return false;
  both.add(library).add(":");
  for (const char* c = library; c <= slash; ++c) both.add_char(*c);
  both.add("libmemoir_bounds.so");
  return !both.full() && names_library(list, both.c_str());
}

// The whole entry; nullptr where there is none, or it is too long.
template <typename Entry>
const char* remember(Entry& entry, const char* name, const char* value) {
  if (value == nullptr) return nullptr;
  entry.add(name).add(value);
  return entry.full() ? nullptr : entry.c_str();
}

// Hardly any process has pins: their text takes no room in the others.
const char* remember_pins() {
  const char* value = getenv(kPinsVariable);
  if (value == nullptr) return nullptr;
  void* memory = map_pages(round_up(sizeof(PinsText), kPageSize));
  if (memory == nullptr) return nullptr;
  return remember(*new (memory) PinsText, kPins, value);
}

// The library as LD_PRELOAD names it, if it was preloaded.
void remember_library() {
  static const char here = 0;
  Dl_info self;
  const char* list = getenv("LD_PRELOAD");
  if (list == nullptr || dladdr(&here, &self) == 0 || self.dli_fname == nullptr) return;
  if (!names_library(list, self.dli_fname)) return;
  Text<2048> both;
  const bool has_bounds = is_followed_by_bounds(list, self.dli_fname, both);
  g_preload.add(kPreload).add(has_bounds ? both.c_str() : self.dli_fname);
  if (!g_preload.full()) g_followed.preload = g_preload.c_str();
  g_followed.options = remember(g_options, kOptions, getenv(kOptionsVariable));
  g_followed.pins = remember_pins();
}

}  // namespace

void remember_environment(const char* session) {
  const bool first = g_followed.session == nullptr;
  if (!first && strcmp(session, remembered_session()) == 0) return;
  g_session = {};
  g_session.add(kSession).add(session);
  g_followed.session = g_session.c_str();
  if (first) remember_library();
}

const char* remembered_session() {
  return g_followed.session == nullptr ? nullptr
                                       : g_followed.session + sizeof kSession - 1;
}

const FollowedEnvironment* followed_environment() {
  const Runtime& runtime = g_runtime;
  const bool recorded =
      runtime.state.load(std::memory_order_acquire) == RuntimeState::kRecording;
  if (!recorded || g_followed.preload == nullptr) return nullptr;
  return runtime.session.options().follow_exec ? &g_followed : nullptr;
}

bool lacks_session(char* const* environment, const FollowedEnvironment& followed) {
  bool has_session = false;
  bool has_library = false;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    if (const char* session = value_of(*environment, kSession)) {
      if (strcmp(session, kNoSession) == 0) return false;  // it is not to be recorded
      has_session = true;
    }
    if (const char* list = value_of(*environment, kPreload)) {
      has_library = names_library(list, library_of(followed));
    }
  }
  return !has_session || !has_library;
}

ExtendedEnvironment::ExtendedEnvironment(char* const* given,
                                         const FollowedEnvironment& followed)
    : entries_(given) {
  constexpr std::size_t kMostAdded = 4;
  bool has_session = false;
  bool has_preload = false;
  bool has_options = false;
  bool has_pins = false;
  for (; given != nullptr && *given != nullptr; ++given) {
    if (size_ + kMostAdded + 1 >= kMostEntries) return;
    if (value_of(*given, kSession) != nullptr) has_session = true;
    if (value_of(*given, kOptions) != nullptr) has_options = true;
    if (value_of(*given, kPins) != nullptr) has_pins = true;
    const char* list = value_of(*given, kPreload);
    if (list != nullptr && !has_preload) {
      has_preload = true;
      if (!names_library(list, library_of(followed))) {
        if (!prepend_library(library_of(followed), list)) return;
        continue;
      }
    }
    add(*given);
  }
  if (!has_preload) add(followed.preload);
  if (!has_session) {
    add(followed.session);
    if (!has_options && followed.options != nullptr) add(followed.options);
    if (!has_pins && followed.pins != nullptr) add(followed.pins);
  }
  extended_[size_] = nullptr;
  entries_ = extended_;
}

void ExtendedEnvironment::add(const char* entry) {
  extended_[size_++] = const_cast<char*>(entry);
}

bool ExtendedEnvironment::prepend_library(const char* library, const char* others) {
  const std::size_t length = strlen(library);
  const std::size_t more = strlen(others);
  char* at = preload_;
  if (sizeof kPreload + length + 1 + more > kPreloadBytes) return false;
  memcpy(at, kPreload, sizeof kPreload - 1);
  at += sizeof kPreload - 1;
  memcpy(at, library, length);
  at += length;
  if (more != 0) *at++ = ':';
  memcpy(at, others, more + 1);
  add(preload_);
  return true;
}

}  // namespace memoir
