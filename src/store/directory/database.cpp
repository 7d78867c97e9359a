#include "store/directory/database.hpp"

#include "store/store_error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace kiln::store {
namespace {

Problem problem_of(int code, int number) {
    if (code == SQLITE_IOERR && (number == EDQUOT || number == EFBIG)) {
        return Problem::quota;
    }
    switch (code) {
    case SQLITE_FULL:
        return Problem::quota;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return Problem::forbidden;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return Problem::damaged;
    default:
        return Problem::unavailable;
    }
}

std::string hint_for(int code) {
    switch (code) {
    case SQLITE_FULL:
        return "make room there, or use another folder";
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return "use a folder that this user may write";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "put the index back from a backup, or use another folder";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another process is at work there; try again when it has ended";
    default:
        return "";
    }
}

[[noreturn]] void fail(sqlite3* database, int result, const std::string& path) {
    const int code = result & 0xff;
    std::string text = "cannot use '" + path + "': " +
                       (database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database));
    const int number = database == nullptr ? 0 : sqlite3_system_errno(database);
    if (number != 0 && (code == SQLITE_CANTOPEN || code == SQLITE_IOERR)) {
        text += ": " + std::generic_category().message(number);
    }
    throw StoreError(problem_of(code, number), {.what = text, .hint = hint_for(code)});
}

void bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        sqlite3_bind_int64(statement, index, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        sqlite3_bind_text64(
            statement, index, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } else {
        sqlite3_bind_null(statement, index);
    }
}

/// The switch to WAL and a first look at a database that another process closes are refused as
/// busy without a wait, so they are tried until the patience ends.
int execute_patiently(sqlite3* database, const char* sql, std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (true) {
        const int result = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
        if ((result & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() > end) {
            return result;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

} // namespace

void Rows::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

bool Rows::next() {
    const int result = sqlite3_step(statement_.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        fail(database_, result, path_);
    }
    return result == SQLITE_ROW;
}

std::string Rows::text(int column) const {
    const unsigned char* text = sqlite3_column_text(statement_.get(), column);
    const int length = sqlite3_column_bytes(statement_.get(), column);
    return text == nullptr ? std::string() : std::string(text, text + length);
}

std::int64_t Rows::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::uint64_t> Rows::size(int column) const {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(integer(column));
}

void Database::Close::operator()(sqlite3* database) const noexcept {
    sqlite3_close_v2(database);
}

Database::Database(const std::string& path, std::chrono::milliseconds patience) : path_(path) {
    sqlite3* opened = nullptr;
    const int result =
        sqlite3_open_v2(path.c_str(),
                        &opened,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr);
    handle_.reset(opened);
    if (result != SQLITE_OK) {
        fail(opened, result, path);
    }
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_timeout(opened, static_cast<int>(patience.count()));
    const int prepared = execute_patiently(
        opened,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        patience);
    if (prepared != SQLITE_OK) {
        fail(opened, prepared, path);
    }
}

void Database::execute(const std::string& statements) {
    const int result = sqlite3_exec(handle_.get(), statements.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) {
        fail(handle_.get(), result, path_);
    }
}

void Database::run(const std::string& statement, const std::vector<Value>& values) {
    query(statement, values).next();
}

Rows Database::query(const std::string& statement, const std::vector<Value>& values) {
    sqlite3_stmt* prepared = nullptr;
    const int result = sqlite3_prepare_v2(handle_.get(), statement.c_str(), -1, &prepared, nullptr);
    if (result != SQLITE_OK) {
        fail(handle_.get(), result, path_);
    }
    Rows rows(handle_.get(), path_, prepared);
    int index = 0;
    for (const Value& value : values) {
        bind(prepared, ++index, value);
    }
    return rows;
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
    database_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (open_) {
        try {
            database_.execute("ROLLBACK");
        } catch (const StoreError&) { // SQLite has rolled it back by itself
        }
    }
}

void Transaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

} // namespace kiln::store
