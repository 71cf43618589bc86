#include "sqlite/online_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/text.h"
#include "sqlite/checked_pages.h"

namespace millwright::sqlite {
namespace {

constexpr int kBytesAStep = 4 << 20;

Error error_of(int code, const std::string& detail) {
  if (code == SQLITE_IOERR_DATA || (code & 0xff) == SQLITE_CORRUPT) {
    return {ErrorCode::kDataLoss,
            "the database file is damaged and was not copied; 'millwright verify' names the damage",
            detail};
  }
  if ((code & 0xff) == SQLITE_FULL) {
    return resource_exhausted("the disk is full; choose another folder for the copy");
  }
  return internal_error("the database could not be copied; the detail tells why", detail);
}

/// The file that the copy goes to. Without a journal: it is thrown away when anything fails.
class Target {
 public:
  explicit Target(const std::filesystem::path& file) : file_(file) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  ~Target() {
    sqlite3_close(handle_);
    if (!is_kept_) ::unlink(file_.c_str());
  }

  Result<sqlite3*> open(std::int64_t page_bytes) {
    int code = sqlite3_open_v2(file_.c_str(), &handle_,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                               checked_pages());
    if (code != SQLITE_OK) return error_of(code, sqlite3_errstr(code));
    ::chmod(file_.c_str(), S_IRUSR | S_IWUSR);
    int check_bytes = kPageCheckBytes;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &check_bytes);
    // A header must be there before the first page is copied: checksums need the page size.
    const std::string prepare = "PRAGMA page_size=" + std::to_string(page_bytes) +
                                "; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
                                "PRAGMA application_id=1";
    code = sqlite3_exec(handle_, prepare.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(code, sqlite3_errmsg(handle_));
    return handle_;
  }

  Result<> keep() {
    const int code = sqlite3_close(std::exchange(handle_, nullptr));
    if (code != SQLITE_OK) return error_of(code, sqlite3_errstr(code));
    const int file = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_flushed = file >= 0 && ::fsync(file) == 0;
    const std::string reason = is_flushed ? "" : std::strerror(errno);
    if (file >= 0) ::close(file);
    if (!is_flushed) return internal_error("cannot flush " + file_.string(), reason);
    is_kept_ = true;
    return {};
  }

 private:
  const std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
  bool is_kept_ = false;
};

Result<std::int64_t> number(Database& database, const char* pragma) {
  MW_ASSIGN(Statement query, database.prepare(pragma));
  MW_TRY(query.step());
  return query.integer(0);
}

}  // namespace

Result<> copy_online(Database& from, const std::filesystem::path& to) {
  if (std::filesystem::exists(to)) {
    return already_exists(quote(to.string()) + " exists already; choose another place");
  }
  MW_ASSIGN(const std::int64_t page_bytes, number(from, "PRAGMA page_size"));
  Target target(to);
  MW_ASSIGN(sqlite3 * handle, target.open(page_bytes));
  // An open read transaction holds the state: otherwise each commit would begin the copy anew.
  MW_TRY(from.execute("BEGIN"));
  const auto copied = [&]() -> Result<> {
    MW_TRY(number(from, "SELECT count(*) FROM sqlite_master"));
    sqlite3_backup* backup = sqlite3_backup_init(handle, "main", from.handle_.get(), "main");
    if (backup == nullptr) return error_of(sqlite3_errcode(handle), sqlite3_errmsg(handle));
    const int pages = std::max(1, static_cast<int>(kBytesAStep / page_bytes));
    int code = SQLITE_OK;
    while (code == SQLITE_OK) code = sqlite3_backup_step(backup, pages);
    const int finished = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return error_of(code, sqlite3_errstr(code));
    if (finished != SQLITE_OK) return error_of(finished, sqlite3_errstr(finished));
    return {};
  }();
  // After an error of reading SQLite has ended the transaction by itself.
  const auto ended = from.execute("COMMIT");
  if (!copied) return copied.error();
  if (!ended) return ended.error();
  return target.keep();
}

}  // namespace millwright::sqlite
