#pragma once

// The rest of site.h where tracking is on.

#include "memoir/site.h"

namespace memoir::records {

// What site_scope sets; of the calling thread.
source_place& thread_place() noexcept;

}  // namespace memoir::records

MEMOIR_BEGIN

inline site site::of_thread() { return site{records::thread_place()}; }

inline site site::of_thread_or(const site& otherwise) {
  const site said = of_thread();
  return said.line != 0 ? said : otherwise;
}

inline site_scope::site_scope(site where) : before_{records::thread_place()} {
  records::thread_place() = where;
}
inline site_scope::~site_scope() { records::thread_place() = before_; }

MEMOIR_END
