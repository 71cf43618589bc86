#pragma once
/// The stored pieces of a series (chunks, waveform blocks, samples that lie in no chunk yet) and
/// the one truth they make together.
///
/// Pieces may overlap: late samples, corrections, the same records again. On one timestamp the
/// piece of the higher rank counts. Everything that reads goes through here, so that reading,
/// counting, aggregating and joining see the same samples.
///
/// Threads: those of the Connection. Functions that ask for several things expect a Snapshot.

#include <limits>
#include <span>
#include <tuple>
#include <vector>

#include "model/metric.h"
#include "model/samples.h"
#include "storage/sqlite/connection.h"

namespace millwright {

struct Piece {
  enum class Kind { kChunk, kWaveform, kUnsealed, kLate };  // in the order of rank
  Kind kind = Kind::kChunk;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;   ///< of its last sample
  std::uint64_t version = 0;  ///< among pieces of its kind the higher one counts
  Bucket stats;               ///< of all its samples
  double sample_rate_hz = 0;  ///< of a waveform block

  friend bool operator<(const Piece& a, const Piece& b) {  // by start, then rank
    return std::tie(a.first_us, a.kind, a.version) < std::tie(b.first_us, b.kind, b.version);
  }
};

inline bool within(const Piece& piece, TimeRange range) {
  return range.start_us <= piece.first_us && piece.last_us < range.end_us;
}
inline constexpr TimeRange kAllTime{std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()};

/// Appends the chunks that reach into the range, ascending. `chunks` is a connection to chunks.db.
Result<> find_chunks(Connection& chunks, SeriesId series, TimeRange range, std::vector<Piece>& out);
/// Appends the blocks that reach into the range, ascending. `samples` is one to samples.db.
Result<> find_waveforms(Connection& samples, SeriesId series, TimeRange range,
                        std::vector<Piece>& out);

/// Replaces `out` by those samples of a chunk that lie in the range. Where that is all of them,
/// they are checked against what was announced. Errors: kDataLoss naming series and range.
Result<> load_chunk(Connection& chunks, SeriesId series, const Piece& piece, TimeRange range,
                    SampleColumns& out);
/// The values of one block. Errors: as load_chunk.
Result<Waveform> load_waveform(Connection& samples, SeriesId series, const Piece& piece);

/// Samples of several pieces as one: add each in any order, then take the result.
class Merge {
 public:
  void clear() { all_.clear(); }
  void add(const Piece& piece, const SampleColumns& samples);
  /// Replaces `out`: ascending, of equal timestamps that of the highest rank.
  void take(SampleColumns& out);

 private:
  struct Ranked {
    std::int64_t at_us;
    Piece::Kind kind;
    std::uint64_t version;
    double value;
  };
  std::vector<Ranked> all_;
};

/// The first pieces that overlap one another, directly or through others. `pieces` ascend and are
/// not empty.
std::span<const Piece> first_cluster(std::span<const Piece> pieces);

/// The error of a piece that cannot be read.
Error damaged_piece(SeriesId series, const Piece& piece, std::string_view reason);

}  // namespace millwright
