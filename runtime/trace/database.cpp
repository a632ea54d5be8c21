#include "trace/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "trace/error.h"

namespace memoir {
namespace {

// SQLite's own words are for programmers; these are for the person at the terminal.
std::string reason(sqlite3* connection, int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "no space left on device";
    case SQLITE_CORRUPT:
      return "the file is damaged";
    case SQLITE_NOTADB:
      return "not a Memoir trace";
    case SQLITE_READONLY:
      return "the file is read-only";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program holds it";
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: {
      const int system = connection != nullptr ? sqlite3_system_errno(connection) : errno;
      return system != 0                     ? std::strerror(system)
             : (code & 0xff) == SQLITE_IOERR ? "read or write failed"
                                             : "cannot open the file";
    }
    default:
      return connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  }
}

[[noreturn]] void fail(sqlite3* connection, int code) {
  const char* name =
      connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  std::string text = reason(connection, code);
  if (name != nullptr && *name != '\0') text = std::string(name) + ": " + text;
  throw Error(text);
}

}  // namespace

Statement::Statement(sqlite3* connection, std::string_view sql) {
  const int code =
      sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) fail(connection, code);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

void Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index + 1, value);
}

// The caller's bytes stay put until the statement has run, or are copied here: the
// convenience of temporaries is worth a memcpy.
void Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_, index + 1, text.data() != nullptr ? text.data() : "",
                      text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Statement::bind(int index, std::span<const std::uint8_t> blob) {
  sqlite3_bind_blob64(statement_, index + 1, blob.data(), blob.size(), SQLITE_TRANSIENT);
}

void Statement::bind_null(int index) { sqlite3_bind_null(statement_, index + 1); }

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* connection = sqlite3_db_handle(statement_);
  sqlite3_reset(statement_);
  fail(connection, code);
}

void Statement::reset() { sqlite3_reset(statement_); }

int Statement::columns() const { return sqlite3_column_count(statement_); }

std::string_view Statement::column_name(int index) const {
  const char* name = sqlite3_column_name(statement_, index);
  return name != nullptr ? name : "";
}

bool Statement::is_null(int index) const {
  return sqlite3_column_type(statement_, index) == SQLITE_NULL;
}

std::int64_t Statement::integer(int index) const {
  return sqlite3_column_int64(statement_, index);
}

std::string_view Statement::text(int index) const {
  const unsigned char* text = sqlite3_column_text(statement_, index);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
}

std::span<const std::uint8_t> Statement::blob(int index) const {
  const void* data = sqlite3_column_blob(statement_, index);
  if (data == nullptr) return {};
  return {static_cast<const std::uint8_t*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
}

Database::Database(const std::filesystem::path& path, Mode mode) {
  std::string name = std::filesystem::absolute(path).string();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
              (mode == Mode::kReadWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  if (mode == Mode::kImmutable) {
    std::string uri = "file:";
    for (const char c : name) {
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
    }
    name = uri + "?immutable=1";
    flags |= SQLITE_OPEN_URI;
  }
  const int code = sqlite3_open_v2(name.c_str(), &connection_, flags, nullptr);
  if (code != SQLITE_OK) {
    const std::string why = reason(connection_, code);
    sqlite3_close(connection_);
    throw Error(path.string() + ": " + why);
  }
  sqlite3_extended_result_codes(connection_, 1);
  sqlite3_busy_timeout(connection_, 2000);
  // A trace may come from anyone: its schema must not be able to do more than to answer.
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

Database::~Database() { sqlite3_close_v2(connection_); }

void Database::execute(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(connection_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(connection_, code);
}

Statement Database::prepare(std::string_view sql) { return {connection_, sql}; }

std::int64_t Database::query_integer(std::string_view sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Database::stop_with(std::stop_token token) {
  constexpr int kInstructionsBetween = 1000;  // some ten microseconds
  stop_ = std::move(token);
  const auto stopped = [](void* self) {
    return static_cast<int>(static_cast<Database*>(self)->stop_.stop_requested());
  };
  const bool on = stop_.stop_possible();
  sqlite3_progress_handler(connection_, on ? kInstructionsBetween : 0,
                           on ? +stopped : nullptr, this);
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error&) {
    // SQLite has rolled back on its own account, as it does when the disk is full.
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace memoir
