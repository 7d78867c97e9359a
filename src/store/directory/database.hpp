#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace kiln::store {

/// What a statement's '?' stands for.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string>;

/// The rows of a query, one at a time. Must not outlive its Database.
class Rows {
public:
    /// Goes to the next row; false after the last one.
    bool next();

    /// Columns count from 0; NULL is "" and 0.
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    /// Nothing for NULL.
    [[nodiscard]] std::optional<std::uint64_t> size(int column) const;

private:
    friend class Database;

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };

    Rows(sqlite3* database, std::string path, sqlite3_stmt* statement)
        : database_(database), path_(std::move(path)), statement_(statement) {}

    sqlite3* database_;
    std::string path_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A connection to an SQLite database in WAL mode. Throws StoreError: a full disk is
/// Problem::quota, a file that is no database Problem::damaged, one that others keep busy for
/// longer than the patience Problem::unavailable.
class Database {
public:
    /// Makes the file where it is missing.
    Database(const std::string& path, std::chrono::milliseconds patience);

    /// Several statements without values.
    void execute(const std::string& statements);

    void run(const std::string& statement, const std::vector<Value>& values = {});
    Rows query(const std::string& statement, const std::vector<Value>& values = {});

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };

    std::string path_;
    std::unique_ptr<sqlite3, Close> handle_;
};

/// Reads see one state of the database in it; a writing one keeps out every other writer, of other
/// processes too, until it ends. Undone unless committed.
class Transaction {
public:
    enum class Kind { read, write };

    Transaction(Database& database, Kind kind);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction(Transaction&&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    void commit();

private:
    Database& database_;
    bool open_ = true;
};

} // namespace kiln::store
