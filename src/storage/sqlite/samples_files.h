#pragma once
/// Opens the two SQLite files of a tenant's samples.
///
/// samples.db takes each commit: the log, waveforms, producers. Small pages, flushed each time.
/// chunks.db takes what is sealed: large pages, so that chunks fill them. Threads: any.

#include <filesystem>

#include "storage/sqlite/connection.h"

namespace millwright {

inline constexpr std::size_t kChunkPageBytes = 65'536;
/// What rows may take of a page of chunks.db.
inline constexpr std::size_t kChunkPageRoom = kChunkPageBytes - 32;

struct SamplesFiles {
  std::filesystem::path samples;
  std::filesystem::path chunks;
  static SamplesFiles in(const std::filesystem::path& folder) {
    return {folder / "samples.db", folder / "chunks.db"};
  }
};

/// Opens or creates the file and brings its tables up to date. No commit waits for a checkpoint.
Result<sqlite::Database> open_samples(const std::filesystem::path& file);
Result<sqlite::Database> open_chunks(const std::filesystem::path& file);

/// Copies the write-ahead log into the file as far as readers allow; never waits for them.
Result<> checkpoint(sqlite::Database& database);
/// Gives some free pages back to the file system where many are free; keeps those that new samples
/// will soon need.
Result<> give_back(sqlite::Database& database);
/// Gives free pages back to the file system and empties the write-ahead log, where no reader is in
/// the way.
Result<> shrink(sqlite::Database& database);

}  // namespace millwright
