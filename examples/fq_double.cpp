// One thread reads records, another works on them, batch by batch: every record exactly
// once, and an end. Example "double_buffer_io" of the FASTQ parser.
// Rows: FQ-E3

#include <cstdio>
#include <span>
#include <string>
#include <thread>

#include "memoir/stream/double_buffer.h"
#include "memoir/stream/fastq_record.h"

int main() {
  std::string input;
  for (int i = 0; i < 3500; ++i) {
    input += "@read" + std::to_string(i) + " lane 1\nACGT\n+\nIIII\n";
  }

  memoir::double_buffer<memoir::fastq_record> batches{1000};
  std::thread reading([&] {
    memoir::fastq_reader reader{memoir::span_reader{std::as_bytes(std::span{input})}};
    memoir::fastq_record record;
    for (bool more = true; more;) {
      auto batch = batches.begin_write();
      while (!batch.is_full() && (more = reader.read(record).value())) {
        batch.push(record);
      }
      if (!batch.empty()) std::move(batch).publish();
    }
    batches.close();
  });

  std::size_t records = 0;
  std::size_t bases = 0;
  while (const auto batch = batches.read_next()) {
    for (const memoir::fastq_record& record : *batch) {
      if (record.id == "read" + std::to_string(records)) ++records;
      bases += record.sequence.size();
    }
    std::printf("batch %llu: %zu records\n",
                static_cast<unsigned long long>(batch->sequence()), batch->size());
  }
  reading.join();
  std::printf("%zu records in order, %zu bases\n", records, bases);
}
