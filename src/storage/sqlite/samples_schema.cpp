#include "storage/sqlite/samples_schema.h"

namespace millwright {
namespace {

// samples.db: what a commit must make durable at once.
constexpr const char* kSamples[] = {
    R"sql(
CREATE TABLE chunks (
  series INTEGER NOT NULL, first_us INTEGER NOT NULL, version INTEGER NOT NULL,
  last_us INTEGER NOT NULL, count INTEGER NOT NULL,
  min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
  loose INTEGER NOT NULL,
  PRIMARY KEY (series, first_us, version)) STRICT, WITHOUT ROWID;
CREATE INDEX loose_chunks ON chunks (series, first_us) WHERE loose = 1;
CREATE TABLE chunk_data (version INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE waveforms (
  series INTEGER NOT NULL, start_us INTEGER NOT NULL, version INTEGER NOT NULL,
  last_us INTEGER NOT NULL, end_us INTEGER NOT NULL, sample_rate_hz REAL NOT NULL,
  count INTEGER NOT NULL,
  min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
  PRIMARY KEY (series, start_us)) STRICT, WITHOUT ROWID;
CREATE INDEX waveform_ends ON waveforms (end_us);
CREATE TABLE waveform_data (version INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE heads (
  series INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, value REAL NOT NULL,
  sample_rate_hz REAL NOT NULL, chunk_span_us INTEGER NOT NULL, waveform_span_us INTEGER NOT NULL
  ) STRICT;

CREATE TABLE sessions (
  agent TEXT NOT NULL, class INTEGER NOT NULL, token INTEGER NOT NULL,
  PRIMARY KEY (agent, class)) STRICT, WITHOUT ROWID;
CREATE TABLE epochs (
  epoch BLOB PRIMARY KEY NOT NULL, agent TEXT, class INTEGER,
  watermark INTEGER NOT NULL DEFAULT 0, chain INTEGER NOT NULL DEFAULT 0,
  moved_through INTEGER NOT NULL DEFAULT 0, forked INTEGER NOT NULL DEFAULT 0,
  advanced INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX epochs_by_stream ON epochs (agent, class, advanced);
CREATE TABLE ledger (
  epoch BLOB NOT NULL, end_seq INTEGER NOT NULL, base_seq INTEGER NOT NULL,
  chain INTEGER NOT NULL, sample_count INTEGER NOT NULL, arrived_us INTEGER NOT NULL,
  refusals BLOB NOT NULL, PRIMARY KEY (epoch, end_seq)) STRICT, WITHOUT ROWID;
CREATE TABLE dictionary (
  epoch BLOB NOT NULL, reference INTEGER NOT NULL, series INTEGER NOT NULL,
  PRIMARY KEY (epoch, reference)) STRICT, WITHOUT ROWID;
CREATE TABLE gaps (
  id INTEGER PRIMARY KEY, agent TEXT NOT NULL, class INTEGER NOT NULL, epoch BLOB NOT NULL,
  from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, sample_count INTEGER NOT NULL,
  reason TEXT NOT NULL, declared_us INTEGER NOT NULL) STRICT;
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, epoch BLOB, seq INTEGER NOT NULL, reason TEXT NOT NULL,
  bytes BLOB NOT NULL) STRICT;
)sql",
    // Chunks and heads move to a file of their own (chunk_upgrade.h), new samples go to the log.
    R"sql(
CREATE TABLE log (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE damaged_log (id INTEGER PRIMARY KEY, reason TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE waveform_series (
  series INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, value REAL NOT NULL,
  sample_rate_hz REAL NOT NULL, span_us INTEGER NOT NULL) STRICT;
INSERT INTO waveform_series
  SELECT series, at_us, value, sample_rate_hz, waveform_span_us FROM heads
  WHERE waveform_span_us > 0 OR sample_rate_hz > 0;
)sql",
    // What was damaged and moved out of the way; restores from a backup, and records that a state
    // before them had.
    R"sql(
CREATE TABLE damaged_waveforms (
  version INTEGER PRIMARY KEY, series INTEGER NOT NULL, start_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL, sample_rate_hz REAL NOT NULL, count INTEGER NOT NULL,
  reason TEXT NOT NULL, bytes BLOB) STRICT;
CREATE TABLE restores (
  generation INTEGER PRIMARY KEY, restored_us INTEGER NOT NULL, backup_us INTEGER NOT NULL) STRICT;
CREATE TABLE awaited (
  epoch BLOB PRIMARY KEY NOT NULL, agent TEXT NOT NULL, class INTEGER NOT NULL,
  to_seq INTEGER NOT NULL, moved_through INTEGER NOT NULL, until_us INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
)sql",
};

// chunks.db: what sealing and housekeeping write. What a chunk holds stands apart from its bytes,
// so that aggregates walk small rows in the order of time, and bytes are written one after the
// other.
constexpr const char* kChunks[] = {
    R"sql(
CREATE TABLE chunks (
  series INTEGER NOT NULL, first_us INTEGER NOT NULL, version INTEGER NOT NULL,
  last_us INTEGER NOT NULL, count INTEGER NOT NULL,
  min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
  loose INTEGER NOT NULL,
  PRIMARY KEY (series, first_us, version)) STRICT, WITHOUT ROWID;
CREATE INDEX loose_chunks ON chunks (series, first_us) WHERE loose > 0;
CREATE TABLE chunk_data (version INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE series (
  series INTEGER PRIMARY KEY, through_log INTEGER NOT NULL,
  at_us INTEGER, value REAL, span_us INTEGER NOT NULL) STRICT;
)sql",
    // What was damaged and moved out of the way; bytes are missing where they cannot be read.
    R"sql(
CREATE TABLE damaged_chunks (
  version INTEGER PRIMARY KEY, series INTEGER NOT NULL, first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL, count INTEGER NOT NULL, reason TEXT NOT NULL, bytes BLOB) STRICT;
)sql",
};

}  // namespace

std::span<const char* const> samples_migrations() { return kSamples; }
std::span<const char* const> chunks_migrations() { return kChunks; }

}  // namespace millwright
