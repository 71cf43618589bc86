#pragma once
/// Reads everything that a tenant's folder holds and tells what is damaged.
///
/// Pages against their checksums, SQLite's own structure, every chunk, record of the log and
/// waveform against its checksum and against what its index row says, producers against their
/// ledgers, newest samples against the chunks. Reads only: works beside a running server, in
/// snapshots of a few series, so that the server's files do not grow meanwhile. About 10 ns a
/// sample and the time to read the files.
///
/// Threads: any; one call at a time for a folder that is changed.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/metric.h"
#include "model/samples.h"
#include "storage/sqlite/connection.h"

namespace millwright {

/// One thing that is not as it was written.
struct Damage {
  std::string file;  ///< such as "chunks.db"
  std::optional<SeriesId> series;
  std::optional<MetricKey> metric;                ///< of the series, where the catalog can be read
  std::optional<std::int64_t> first_us, last_us;  ///< of the samples that are hurt
  std::string reason;

  /// What set_aside_damage() moves; missing for what it cannot.
  enum class Piece { kNone, kChunk, kWaveform, kLogRecord };
  Piece piece = Piece::kNone;
  std::uint64_t id = 0;  ///< version of the chunk or waveform, number of the record
};

/// "chunks.db: samples of device '000001', path 'line1', metric 'temperature' from ... to ...
/// cannot be read: the checksum does not fit".
std::string to_sentence(const Damage& damage);

struct VerifyReport {
  std::uint64_t pages = 0;
  std::uint64_t chunks = 0;
  std::uint64_t log_records = 0;
  std::uint64_t waveforms = 0;
  std::uint64_t samples = 0;  ///< in chunks, log and waveforms; a corrected one counts twice
  std::optional<std::int64_t> first_us, last_us;  ///< of all samples; missing without any
  std::uint64_t set_aside = 0;                    ///< pieces that were moved away before
  std::vector<Damage> damages;
};

/// Reads the folder of one tenant. Errors: kNotFound where a file is missing; kUnavailable or
/// kInternal where the medium fails. Damage is no error.
Result<VerifyReport> verify_tenant_folder(const std::filesystem::path& folder);

/// Moves what the report names piece by piece out of the way of readers: chunks into
/// `damaged_chunks` of chunks.db, waveforms into `damaged_waveforms` and records into
/// `damaged_log` of samples.db. Where pages of chunks.db are damaged the file is written anew from
/// what can be read, and the old one is kept as `chunks.db.damaged`. Nobody else may have the
/// folder. Answers how many pieces moved; run verify_tenant_folder() again to see what is left.
Result<std::uint64_t> set_aside_damage(const std::filesystem::path& folder,
                                       const VerifyReport& report);

}  // namespace millwright
