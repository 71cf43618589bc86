#include "storage/sqlite/chunk_upgrade.h"

#include "base/log.h"

namespace millwright {
namespace {

Result<bool> has_old_chunks(sqlite::Database& samples) {
  MW_ASSIGN(sqlite::Statement query,
            samples.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'chunks'"));
  return query.step();
}

Result<> copy_chunks(sqlite::Database& samples, sqlite::Database& chunks) {
  MW_ASSIGN(sqlite::Statement from,
            samples.prepare("SELECT series, first_us, version, last_us, count, min, max, sum, "
                            "first, last, loose, bytes FROM chunks JOIN chunk_data USING (version)"
                            " ORDER BY version"));
  MW_ASSIGN(sqlite::Statement chunk,
            chunks.prepare("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  MW_ASSIGN(sqlite::Statement data, chunks.prepare("INSERT INTO chunk_data VALUES (?, ?)"));
  while (true) {
    MW_ASSIGN(const bool more, from.step());
    if (!more) return {};
    const auto whole = [&](int column) { return from.integer(column); };
    const auto real = [&](int column) { return from.real(column); };
    MW_TRY(chunk
               .bind_all(whole(0), whole(1), whole(2), whole(3), whole(4), real(5), real(6),
                         real(7), real(8), real(9), whole(10))
               .run());
    MW_TRY(data.bind_all(whole(2), from.blob(11)).run());
  }
}

Result<> copy_series(sqlite::Database& samples, sqlite::Database& chunks) {
  MW_ASSIGN(sqlite::Statement from,
            samples.prepare("SELECT series, at_us, value, sample_rate_hz, chunk_span_us "
                            "FROM heads"));
  MW_ASSIGN(sqlite::Statement to, chunks.prepare("INSERT INTO series VALUES (?, 0, ?, ?, ?)"));
  while (true) {
    MW_ASSIGN(const bool more, from.step());
    if (!more) return {};
    std::optional<std::int64_t> at_us;
    std::optional<double> value;
    if (from.real(3) == 0) {
      at_us = from.integer(1);
      value = from.real(2);
    }
    MW_TRY(to.bind_all(from.integer(0), at_us, value, from.integer(4)).run());
  }
}

}  // namespace

Result<> move_chunks(sqlite::Database& samples, sqlite::Database& chunks) {
  MW_ASSIGN(const bool is_old, has_old_chunks(samples));
  if (!is_old) return {};
  {
    MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(chunks));
    MW_TRY(chunks.execute("DELETE FROM chunks; DELETE FROM chunk_data; DELETE FROM series;"));
    MW_TRY(copy_chunks(samples, chunks));
    MW_TRY(copy_series(samples, chunks));
    MW_TRY(transaction.commit());
  }
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(samples));
  MW_TRY(samples.execute("DROP TABLE chunks; DROP TABLE chunk_data; DROP TABLE heads;"));
  return transaction.commit();
}

}  // namespace millwright
