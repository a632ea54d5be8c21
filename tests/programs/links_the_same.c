// Links the libraries that Memoir uses itself: SQLite, libunwind and zstd, all at work in
// four threads. Each finds what it would find alone.
// LIBRARIES: sqlite3 zstd unwind
// THREADS: 5
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { kThreads = 4, kDeep = 50, kBytes = 100000 };

static __attribute__((noinline)) int count_frames(int deeper) {
  if (deeper > 0) return count_frames(deeper - 1) + 0 * deeper;
  unw_context_t context;
  unw_cursor_t cursor;
  unw_getcontext(&context);
  unw_init_local(&cursor, &context);
  int mine = 0;
  do {
    char name[64] = "";
    unw_word_t offset = 0;
    unw_get_proc_name(&cursor, name, sizeof name, &offset);
    if (strcmp(name, "count_frames") == 0) ++mine;
  } while (unw_step(&cursor) > 0);
  void* frames[200];
  return unw_backtrace(frames, 200) > kDeep ? mine : -1;
}

static int sum_of_rows(void) {
  sqlite3* database = NULL;
  sqlite3_stmt* query = NULL;
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) return -1;
  sqlite3_exec(
      database,
      "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
      "  INSERT INTO t SELECT i, printf('row %d', i) FROM n;",
      NULL, NULL, NULL);
  sqlite3_prepare_v2(database, "SELECT sum(a + length(b)) FROM t", -1, &query, NULL);
  const int sum = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int(query, 0) : -1;
  sqlite3_finalize(query);
  sqlite3_close(database);
  return sum;
}

static int packs(void) {
  char* plain = malloc(kBytes);   // ALLOC: malloc 4 x 100000
  char* packed = malloc(kBytes);  // ALLOC: malloc 4 x 100000
  char* again = malloc(kBytes);   // ALLOC: malloc 4 x 100000
  for (int i = 0; i < kBytes; ++i) plain[i] = (char)(i * i % 251);
  const size_t size = ZSTD_compress(packed, kBytes, plain, kBytes, 3);
  const int good = !ZSTD_isError(size) && size < kBytes / 2 &&
                   ZSTD_decompress(again, kBytes, packed, size) == kBytes &&
                   memcmp(plain, again, kBytes) == 0;
  free(plain);
  free(packed);
  free(again);
  return good;
}

static void* work(void* result) {
  snprintf(result, 64, "%d %d %d", count_frames(kDeep), sum_of_rows(), packs());
  return NULL;
}

int main(void) {
  static char results[kThreads][64];
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, work, results[i]);
  for (int i = 0; i < kThreads; ++i) {
    pthread_join(threads[i], NULL);
    puts(results[i]);
  }
  return 0;
}
