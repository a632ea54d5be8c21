#pragma once

// What a program's environment must hold for it to be recorded in this session, kept from
// the beginning of the session: programs clean their environment, or give the ones they
// start another one.
//
// Invariant: constant once a session has begun, so that anybody may read it, also in a
// signal handler and in a child of vfork.

#include <cstddef>

namespace memoir {

struct FollowedEnvironment {
  // Whole entries, "NAME=value"; `options` and `pins` may be null.
  const char* preload;
  const char* session;
  const char* options;
  const char* pins;
};

// Called when a session has begun: `session` is its name.
void remember_environment(const char* session);

// The name of the last session of this program, nullptr when there was none.
const char* remembered_session();

// What programs started from here get; nullptr where they are not to be followed: no
// session has begun (here, or in the process this one was forked from), the library was
// not preloaded but linked, or follow_exec is off.
const FollowedEnvironment* followed_environment();

// Whether a program with this environment would not be recorded: the session or the
// library is missing in it.
bool lacks_session(char* const* environment, const FollowedEnvironment& followed);

// An environment with what is missing added, all of it within this object.
class ExtendedEnvironment {
 public:
  // Nothing is added when there is no room for it.
  ExtendedEnvironment(char* const* given, const FollowedEnvironment& followed);
  ExtendedEnvironment(const ExtendedEnvironment&) = delete;
  ExtendedEnvironment& operator=(const ExtendedEnvironment&) = delete;

  char* const* get() const { return entries_; }

 private:
  static constexpr std::size_t kMostEntries = 1024;
  static constexpr std::size_t kPreloadBytes = 2048;

  void add(const char* entry);
  // LD_PRELOAD with the library in front; false when that is too long.
  bool prepend_library(const char* library, const char* others);

  char* const* entries_;
  std::size_t size_ = 0;
  char* extended_[kMostEntries];
  char preload_[kPreloadBytes];
};

}  // namespace memoir
