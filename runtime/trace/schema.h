#pragma once

// The schema of a trace, made from schema.sql, and the numbers that mark a file as one.

#include <cstdint>
#include <string_view>

namespace memoir {

inline constexpr std::uint32_t kTraceApplicationId = 0x4D454D4F;  // "MEMO"
// Raised whenever a program that knows only the old one would misread the new one.
inline constexpr std::uint32_t kTraceVersion = 8;

inline constexpr std::string_view kTraceSchema =
#include "trace/schema.sql"
    ;

// What makes reports quick, built when the recording ends.
inline constexpr std::string_view kTraceIndexes = R"sql(
CREATE INDEX IF NOT EXISTS block_class ON block(process, class, stack, api, size)
  WHERE class IS NOT NULL;
CREATE INDEX IF NOT EXISTS chunk_order ON chunk(process, first_seq, n, t0, t1);
)sql";

}  // namespace memoir
