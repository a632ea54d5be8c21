#pragma once

// Whether a program that is about to be started could be recorded at all: dynamically
// linked against glibc, for this processor, without privileges of its own. Only those get
// what they lack in their environment; others would at best complain about it.
//
// Thread safety and signals: safe anywhere, also in a child of vfork. Opens the file for
// a moment. errno is left alone.

namespace memoir {

// The file as execveat() names it.
bool can_be_preloaded(int directory, const char* path);

// A name as execvp() looks for it.
bool can_be_preloaded_by_name(const char* name);

// An open file.
bool can_be_preloaded_from(int descriptor);

}  // namespace memoir
