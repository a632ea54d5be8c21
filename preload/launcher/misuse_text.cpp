#include "launcher/misuse_text.h"

#include <fmt/format.h>

#include "analyze/units.h"

namespace memoir {
namespace {

std::string place_text(const SourcePlace& place) {
  return fmt::format("at {}:{}, in {}", printable(place.file), place.line,
                     printable(place.function));
}

std::string line(const std::string& text) { return "  " + text + "\n"; }

}  // namespace

std::string render_misuse(const Fault& fault, const std::string& actor,
                          const std::string& access_frames) {
  const FaultRow& row = fault.row;
  const PoolMisuse& misuse = *row.misuse;
  const std::string how = row.late ? "found later" : "it happened";
  std::string text =
      line(misuse.where.line == 0
               ? fmt::format("{}by {}", row.late ? "found later, " : "", actor)
               : fmt::format("{} {}, by {}", how, place_text(misuse.where), actor));
  text += access_frames;
  const bool block = row.place == MemoryPlace::kBlock;
  if (!block && misuse.allocated.line == 0) return text;
  const std::string what =
      block ? fmt::format("{}-byte block at 0x{:x}", row.block_size, row.block_address)
            : "block";
  text += line(misuse.allocated.line == 0
                   ? what
                   : fmt::format("{}, allocated {}", what, place_text(misuse.allocated)));
  if (misuse.released.line != 0)
    text += line("given back " + place_text(misuse.released));
  return text;
}

}  // namespace memoir
