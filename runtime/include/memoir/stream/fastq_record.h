#pragma once

// One read of a sequencer, as FASTQ files have it in four lines, and a reader of them:
//
//   @id description
//   ACGT
//   +
//   !!!!
//
// Complexity: O(bytes).
// Thread safety: one thread at a time.
// Errors: a result; errc::io where the text is not of this form, and what
// line_buffer::fill() fails with.
// Findings: none (of its own: those of line_buffer)
// Design: FastqRecord of the FASTQ parser (Rust), as far as its buffers need it.

#include <memory_resource>
#include <string>
#include <string_view>
#include <utility>

#include "memoir/result.h"
#include "memoir/stream/line_buffer.h"

namespace memoir {

struct fastq_record {
  std::string id;
  std::string description;
  std::string sequence;
  std::string quality;

  friend bool operator==(const fastq_record&, const fastq_record&) = default;
};

}  // namespace memoir

MEMOIR_BEGIN

// Reads them one by one through a line_buffer of its own.
template <byte_reader Reader>
class fastq_reader {
 public:
  // `buffer_size`: the longest line, in bytes. `upstream` lives as long as the reader.
  explicit fastq_reader(
      Reader reader, std::size_t buffer_size = 64 * 1024,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
      : reader_{std::move(reader)}, lines_{buffer_size, {.strip_cr = true}, upstream} {}

  // Into `record`, whose memory is used again. False at the end of the input.
  result<bool> read(fastq_record& record, site where = site::current()) {
    auto header = next(where);
    if (!header) return header.error();
    if (!*header) return false;
    if (line_.empty() || line_.front() != '@') return errc::io;
    const std::size_t space = line_.find(' ');
    record.id.assign(line_, 1, space == std::string::npos ? space : space - 1);
    record.description.assign(line_,
                              space == std::string::npos ? line_.size() : space + 1);
    if (auto found = required(record.sequence, where); !found) return found;
    if (auto found = required(line_, where); !found) return found;
    if (line_.empty() || line_.front() != '+') return errc::io;
    if (auto found = required(record.quality, where); !found) return found;
    if (record.quality.size() != record.sequence.size()) return errc::io;
    return true;
  }

 private:
  result<bool> required(std::string& to, site where) {
    auto found = next(where);
    if (!found) return found;
    if (!*found) return errc::io;
    if (&to != &line_) to = line_;
    return true;
  }
  // The next line into line_. False at the end.
  result<bool> next(site where) {
    for (;;) {
      auto line = lines_.read_line(where);
      if (!line && lines_.eof()) {
        line = lines_.finish(where);
        if (!line) return false;
      }
      if (line) {
        line_ = line->text(where);
        return true;
      }
      if (auto filled = lines_.fill(reader_, where); !filled) return filled.error();
    }
  }

  Reader reader_;
  line_buffer lines_;
  std::string line_;
};

MEMOIR_END
