#include "storage/sqlite/samples_files.h"

#include "storage/sqlite/samples_schema.h"

namespace millwright {
namespace {

// An eighth of the pages, and some, may lie free: what retention frees, new samples fill.
constexpr std::int64_t kSpareShare = 8;
constexpr std::int64_t kSparePages = 64;

// Debian's SQLite overwrites what is deleted with zeros: the log would be written twice. What is
// free is overwritten only where that costs nothing.
constexpr const char* kFreePages = "PRAGMA secure_delete=FAST";

}  // namespace

Result<sqlite::Database> open_samples(const std::filesystem::path& file) {
  MW_ASSIGN(sqlite::Database database,
            sqlite::Database::open(file, {.page_bytes = 4'096, .incremental_vacuum = true}));
  MW_TRY(
      database.execute("PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=0; "
                       "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"));
  MW_TRY(database.execute(kFreePages));
  MW_TRY(database.migrate(samples_migrations()));
  return database;
}

Result<sqlite::Database> open_chunks(const std::filesystem::path& file) {
  MW_ASSIGN(sqlite::Database database, sqlite::Database::open(file, {.page_bytes = kChunkPageBytes,
                                                                     .incremental_vacuum = true}));
  MW_TRY(
      database.execute("PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=512; "
                       "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"));
  MW_TRY(database.execute(kFreePages));
  MW_TRY(database.migrate(chunks_migrations()));
  return database;
}

Result<> checkpoint(sqlite::Database& database) {
  return database.execute("PRAGMA wal_checkpoint(PASSIVE)");
}

Result<> give_back(sqlite::Database& database) {
  const auto count = [&](std::string_view pragma) -> Result<std::int64_t> {
    MW_ASSIGN(sqlite::Statement query, database.prepare(pragma));
    MW_TRY(query.step());
    return query.integer(0);
  };
  MW_ASSIGN(const std::int64_t free, count("PRAGMA freelist_count"));
  MW_ASSIGN(const std::int64_t all, count("PRAGMA page_count"));
  if (free * kSpareShare < all + kSparePages * kSpareShare) return {};
  return database.execute("PRAGMA incremental_vacuum(128)");
}

Result<> shrink(sqlite::Database& database) {
  MW_TRY(database.execute("PRAGMA incremental_vacuum"));
  return database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace millwright
