// Lines out of a stream: LineBuffer of the FASTQ module.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "memoir/stream/fastq_record.h"
#include "memoir/stream/line_buffer.h"
#include "memoir/stream/optimal_buffer_size.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

// All lines of a reader, as the header of line_buffer says.
template <class Reader>
std::vector<std::string> read_all(line_buffer& lines, Reader reader) {
  std::vector<std::string> all;
  for (bool more = true; more;) {
    more = !lines.fill(reader).value().eof;
    while (auto line = lines.read_line()) all.emplace_back(line->text());
  }
  if (auto line = lines.finish()) all.emplace_back(line->text());
  return all;
}

class LineBufferTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(LineBufferTest, FQ_16_of_fixed_capacity) {
  failing_resource upstream;
  {
    line_buffer lines{16, {}, &upstream};
    EXPECT_EQ(lines.capacity(), 16u);
    const std::string input = "one\ntwo\nthree\nfour\nfive\nsix\n";
    EXPECT_EQ(read_all(lines, span_reader{bytes_of(input)}),
              (std::vector<std::string>{"one", "two", "three", "four", "five", "six"}));
    EXPECT_EQ(upstream.allocations(), 1u);
    upstream.fail_after(0);
    EXPECT_THROW(line_buffer(16, {}, &upstream), std::bad_alloc);
  }
  EXPECT_EQ(upstream.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(LineBufferTest, FQ_17_fill_compacts_and_reads_once) {
  line_buffer lines{8};
  span_reader reader{bytes_of("ab\ncdefg\nxyz\n"), 5};
  auto filled = lines.fill(reader).value();
  EXPECT_EQ(filled.bytes, 5u);
  EXPECT_FALSE(filled.eof);
  EXPECT_EQ(lines.read_line()->text(), "ab");
  EXPECT_FALSE(lines.read_line());
  filled = lines.fill(reader).value();
  EXPECT_EQ(filled.bytes, 5u);
  EXPECT_EQ(lines.remaining().size(), 7u);
  filled = lines.fill(reader).value();
  EXPECT_EQ(filled.bytes, 1u);
  filled = lines.fill(reader).value();
  EXPECT_TRUE(filled.full);
  EXPECT_FALSE(filled.eof);
  EXPECT_NO_FINDING(log_);
}

TEST_F(LineBufferTest, FQ_17_readers_fail) {
  line_buffer lines{8};
  EXPECT_EQ(lines.fill(fd_reader{-1}).error(), errc::io);
  EXPECT_EQ(lines.fill([](std::span<std::byte>) { return -1; }).error(), errc::io);
}

TEST_F(LineBufferTest, FQ_17_from_files_and_streams) {
  std::istringstream stream{"a\nbc\n"};
  line_buffer lines{8};
  EXPECT_EQ(read_all(lines, istream_reader{stream}),
            (std::vector<std::string>{"a", "bc"}));
  int pipes[2];
  ASSERT_EQ(::pipe(pipes), 0);
  ASSERT_EQ(::write(pipes[1], "x\ny\n", 4), 4);
  ::close(pipes[1]);
  line_buffer from_pipe{8};
  EXPECT_EQ(read_all(from_pipe, fd_reader{pipes[0]}),
            (std::vector<std::string>{"x", "y"}));
  ::close(pipes[0]);
}

// Corpus: the original answers 0 to a line that is longer than the buffer, as it does at
// the end of the input.
TEST_F(LineBufferTest, corpus_17_a_line_longer_than_the_buffer_is_told) {
  line_buffer lines{8};
  span_reader reader{bytes_of("0123456789\n")};
  EXPECT_EQ(lines.fill(reader).value().bytes, 8u);
  EXPECT_FALSE(lines.read_line());
  EXPECT_EQ(lines.fill(reader).error(), errc::stuck);
  EXPECT_ONE_FINDING(log_, finding::stuck_fill, __LINE__ - 1);
  lines.consume(lines.remaining().size());  // and it can go on
  EXPECT_EQ(lines.fill(reader).value().bytes, 3u);
  EXPECT_EQ(lines.read_line()->text(), "89");
}

TEST_F(LineBufferTest, corpus_17_a_tail_that_nobody_asked_for_is_told) {
  std::optional<line_buffer> lines{std::in_place, 32};
  span_reader reader{bytes_of("one\ntwo")};
  while (!lines->fill(reader).value().eof) {
    while (lines->read_line()) {
    }
  }
  site_scope scope;
  lines.reset();
  EXPECT_ONE_FINDING(log_, finding::dropped_data, __LINE__ - 2);
}

TEST_F(LineBufferTest, FQ_17_it_may_grow) {
  line_buffer lines{4, {.growth_limit = 64}};
  const std::string input = std::string(50, 'x') + "\nshort\n";
  EXPECT_EQ(read_all(lines, span_reader{bytes_of(input)}),
            (std::vector<std::string>{std::string(50, 'x'), "short"}));
  EXPECT_EQ(lines.capacity(), 64u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(LineBufferTest, FQ_17_lines_of_before_are_stale) {
  line_buffer lines{16};
  span_reader reader{bytes_of("one\ntwo\n"), 4};
  ASSERT_TRUE(lines.fill(reader));
  const auto line = lines.read_line();
  EXPECT_EQ(line->text(), "one");
  ASSERT_TRUE(lines.fill(reader));
  EXPECT_THROW(line->text(), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
}

TEST_F(LineBufferTest, FQ_18_lines_have_no_newline_and_the_last_is_not_lost) {
  line_buffer lines{32};
  EXPECT_EQ(read_all(lines, span_reader{bytes_of("a\n\nb\r\nlast")}),
            (std::vector<std::string>{"a", "", "b\r", "last"}));
  line_buffer stripping{32, {.strip_cr = true}};
  EXPECT_EQ(read_all(stripping, span_reader{bytes_of("a\r\n\r\nb\r")}),
            (std::vector<std::string>{"a", "", "b"}));
  line_buffer empty{32};
  EXPECT_TRUE(read_all(empty, span_reader{bytes_of("")}).empty());
  EXPECT_NO_FINDING(log_);
}

TEST_F(LineBufferTest, FQ_19_consume_stops_at_the_end) {
  line_buffer lines{16};
  ASSERT_TRUE(lines.fill(span_reader{bytes_of("abc\ndef\n")}));
  EXPECT_EQ(lines.consume(4), 4u);
  EXPECT_EQ(lines.read_line()->text(), "def");
  EXPECT_NO_FINDING(log_);
  EXPECT_EQ(lines.consume(5), 0u);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(LineBufferTest, FQ_20_remaining) {
  line_buffer lines{16};
  EXPECT_TRUE(lines.remaining().empty());
  ASSERT_TRUE(lines.fill(span_reader{bytes_of("abc\ndef")}));
  lines.read_line();
  EXPECT_EQ(lines.remaining().size(), 3u);
  EXPECT_EQ(lines.remaining()[0], std::byte{'d'});
}

TEST_F(LineBufferTest, FQ_36_golden_values) {
  static_assert(optimal_buffer_size(0) == 8192);
  static_assert(optimal_buffer_size(1) == 8192);
  static_assert(optimal_buffer_size(819200) == 8192);
  static_assert(optimal_buffer_size(1000000) == 12288);
  static_assert(optimal_buffer_size(~std::uint64_t{0}) == 65536);
  EXPECT_EQ(optimal_buffer_size(819201), 8192u);
  EXPECT_EQ(optimal_buffer_size(819300), 12288u);
  EXPECT_EQ(optimal_buffer_size(6553599), 65536u);
  EXPECT_EQ(optimal_buffer_size(6553600), 65536u);
}

TEST_F(LineBufferTest, FQ_40_records_are_read) {
  const std::string input =
      "@r1 first\nACGT\n+\n!!!!\n"
      "@r2\nAC\n+r2\n##";
  fastq_reader reader{span_reader{bytes_of(input), 7}, 16};
  fastq_record record;
  EXPECT_TRUE(reader.read(record).value());
  EXPECT_EQ(record, (fastq_record{"r1", "first", "ACGT", "!!!!"}));
  EXPECT_TRUE(reader.read(record).value());
  EXPECT_EQ(record, (fastq_record{"r2", "", "AC", "##"}));
  EXPECT_FALSE(reader.read(record).value());
  EXPECT_NO_FINDING(log_);
}

TEST_F(LineBufferTest, FQ_40_what_is_no_record_is_an_error) {
  for (const char* input : {"r1\nAC\n+\n!!\n", "@r1\nAC\n-\n!!\n", "@r1\nAC\n+\n!\n",
                            "@r1\nAC\n", "@r1\nAC\n+"}) {
    fastq_reader reader{span_reader{bytes_of(input)}, 64};
    fastq_record record;
    const auto read = reader.read(record);
    ASSERT_FALSE(read) << input;
    EXPECT_EQ(read.error(), errc::io);
  }
  fastq_reader longer{span_reader{bytes_of("@r1\nACGTACGTACGTACGT\n+\n!\n")}, 8};
  fastq_record record;
  EXPECT_EQ(longer.read(record).error(), errc::stuck);
}

// A buffer of 64 KiB asks the system a sixteenth as often as one of 4 KiB.
TEST_F(LineBufferTest, FQ_P2_larger_buffers_read_less_often) {
  const std::string input(1 << 20, '\n');
  const auto reads = [&](std::size_t capacity) {
    std::size_t count = 0;
    span_reader bytes{bytes_of(input)};
    line_buffer lines{capacity};
    read_all(lines, [&](std::span<std::byte> to) {
      ++count;
      return bytes(to);
    });
    return count;
  };
  EXPECT_EQ(reads(4096), 257u);
  EXPECT_EQ(reads(65536), 17u);
}

}  // namespace
}  // namespace memoir
