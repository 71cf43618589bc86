#pragma once
/// The stored pieces of a series (chunks and waveform blocks) and the one truth they make together.
///
/// Pieces may overlap: late samples, corrections, the same records again. On one timestamp the
/// piece with the higher version counts. Everything that reads goes through here, so that reading,
/// counting, aggregating and joining see the same samples.
///
/// Threads: those of the Connection. Functions that ask for several things expect a Snapshot.

#include <span>
#include <vector>

#include "model/metric.h"
#include "model/samples.h"
#include "storage/sqlite/connection.h"

namespace millwright {

struct Piece {
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;  ///< of its last sample
  std::uint64_t version = 0;
  Bucket stats;               ///< of all its samples
  double sample_rate_hz = 0;  ///< > 0 for a waveform block

  bool is_waveform() const { return sample_rate_hz > 0; }
};

/// Newest sample of a series, and the longest piece it ever had, which bounds how far before a
/// range a piece may begin that reaches into it.
struct Head {
  std::int64_t at_us = 0;
  double value = 0;
  double sample_rate_hz = 0;  ///< > 0 where the newest sample is a waveform's
  std::int64_t chunk_span_us = 0;
  std::int64_t waveform_span_us = 0;
};

/// Missing for a series without samples.
Result<std::optional<Head>> find_head(Connection& connection, SeriesId series);

/// Pieces that reach into the range, ascending by first_us, then version.
Result<std::vector<Piece>> find_pieces(Connection& connection, SeriesId series, TimeRange range);
/// Only chunks, or only blocks, of which `span_us` is the longest.
Result<> find_chunks(Connection& connection, SeriesId series, TimeRange range, std::int64_t span_us,
                     std::vector<Piece>& out);
Result<> find_waveforms(Connection& connection, SeriesId series, TimeRange range,
                        std::int64_t span_us, std::vector<Piece>& out);

/// The samples of one piece. Errors: kDataLoss naming series and range.
Result<> load_piece(Connection& connection, SeriesId series, const Piece& piece,
                    SampleColumns& out);
/// The values of one waveform block. Errors: as load_piece.
Result<Waveform> load_waveform(Connection& connection, SeriesId series, const Piece& piece);

/// The samples of overlapping pieces, of equal timestamps that of the highest version.
Result<> load_merged(Connection& connection, SeriesId series, std::span<const Piece> pieces,
                     SampleColumns& out);

/// The first pieces that overlap one another, directly or through others. `pieces` as find_pieces()
/// orders them, not empty.
std::span<const Piece> first_cluster(std::span<const Piece> pieces);

}  // namespace millwright
