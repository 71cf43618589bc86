#include "storage/sqlite/samples_files.h"

#include "storage/sqlite/samples_schema.h"

namespace millwright {

Result<sqlite::Database> open_samples(const std::filesystem::path& file) {
  MW_ASSIGN(sqlite::Database database,
            sqlite::Database::open(file, {.page_bytes = 4'096, .incremental_vacuum = true}));
  MW_TRY(
      database.execute("PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=0; "
                       "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"));
  MW_TRY(database.migrate(samples_migrations()));
  return database;
}

Result<sqlite::Database> open_chunks(const std::filesystem::path& file) {
  MW_ASSIGN(sqlite::Database database, sqlite::Database::open(file, {.page_bytes = kChunkPageBytes,
                                                                     .incremental_vacuum = true}));
  MW_TRY(
      database.execute("PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=512; "
                       "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"));
  MW_TRY(database.migrate(chunks_migrations()));
  return database;
}

Result<> checkpoint(sqlite::Database& database) {
  return database.execute("PRAGMA wal_checkpoint(PASSIVE)");
}

Result<> shrink(sqlite::Database& database) {
  MW_TRY(database.execute("PRAGMA incremental_vacuum"));
  return database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace millwright
