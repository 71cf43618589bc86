#include "storage/sqlite/catalog_schema.h"

namespace millwright {
namespace {

// AUTOINCREMENT: a number is never given twice, also after its row is gone. Samples are in another
// file, so a removed device's series must not be mistaken for a new one's.
constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE devices (
  device TEXT PRIMARY KEY NOT NULL, description TEXT NOT NULL, timezone TEXT NOT NULL,
  longitude_deg REAL, latitude_deg REAL, city TEXT NOT NULL, country TEXT NOT NULL,
  status INTEGER NOT NULL, latest_activity_us INTEGER, registered_us INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE TABLE metrics (
  series INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE,
  path TEXT NOT NULL, metric TEXT NOT NULL, unit TEXT NOT NULL, display_name TEXT NOT NULL,
  type INTEGER NOT NULL, UNIQUE (device, path, metric)) STRICT;
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE,
  kind TEXT NOT NULL, message TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT;
CREATE INDEX events_by_time ON events (device, at_us, id);
CREATE TABLE anomalies (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series INTEGER NOT NULL REFERENCES metrics ON DELETE CASCADE,
  kind TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER, severity REAL NOT NULL,
  reason TEXT NOT NULL) STRICT;
CREATE INDEX anomalies_by_start ON anomalies (series, start_us);
CREATE TABLE predictions (
  device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE,
  path TEXT NOT NULL, kind INTEGER NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL,
  at_us INTEGER NOT NULL, predicted TEXT, probability REAL, value REAL, lower REAL, upper REAL,
  unit TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (device, path, kind, model)) STRICT, WITHOUT ROWID;
CREATE TABLE states (key TEXT PRIMARY KEY NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
)sql",
    // '' in metric and NULL in device mean all.
    R"sql(
CREATE TABLE retention_rules (
  device TEXT REFERENCES devices ON DELETE CASCADE,
  path TEXT NOT NULL, metric TEXT NOT NULL, waveforms_only INTEGER NOT NULL,
  keep_h INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX retention_scopes
  ON retention_rules (coalesce(device, ''), path, metric, waveforms_only);
)sql",
    // NULL in metric means all at the path, NULL in end_us that it goes on.
    R"sql(
CREATE TABLE labels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE,
  path TEXT NOT NULL, metric TEXT, class TEXT NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL,
  start_us INTEGER NOT NULL, end_us INTEGER, created_us INTEGER NOT NULL) STRICT;
CREATE INDEX labels_by_start ON labels (device, start_us, id);
)sql",
    R"sql(
CREATE TABLE degradation_limits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE,
  path TEXT NOT NULL, metric TEXT NOT NULL, side INTEGER NOT NULL, value REAL NOT NULL,
  author TEXT NOT NULL, note TEXT NOT NULL, created_us INTEGER NOT NULL,
  UNIQUE (device, path, metric, side)) STRICT;
)sql",
    // no_life is a NoLife of model/event.h; hour counts from 1970.
    R"sql(
ALTER TABLE predictions ADD COLUMN no_life INTEGER NOT NULL DEFAULT 0;
CREATE TABLE prediction_history (
  device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE,
  path TEXT NOT NULL, kind INTEGER NOT NULL, model TEXT NOT NULL, hour INTEGER NOT NULL,
  version TEXT NOT NULL, at_us INTEGER NOT NULL, predicted TEXT, probability REAL, value REAL,
  lower REAL, upper REAL, unit TEXT NOT NULL, reason TEXT NOT NULL, no_life INTEGER NOT NULL,
  PRIMARY KEY (device, path, kind, model, hour)) STRICT, WITHOUT ROWID;
)sql",
};

}  // namespace

std::span<const char* const> catalog_migrations() { return kMigrations; }

}  // namespace millwright
