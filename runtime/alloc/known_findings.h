#pragma once

// Equal findings are printed once.

#include "memoir/finding.h"

namespace memoir::records {

// Whether none of this kind, of this kind of pool, from the same places was asked about
// before. Remembers a limited number; beyond it everything is new. Thread safety: any.
bool is_first_of_its_kind(const finding_report& report) noexcept;

}  // namespace memoir::records
