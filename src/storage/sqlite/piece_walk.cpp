#include "storage/sqlite/piece_walk.h"

#include <algorithm>

#include "storage/sample_rules.h"

namespace millwright {
namespace {

/// A piece of samples that are in memory. Without statistics.
Piece piece_of(Piece::Kind kind, const SampleColumns& samples) {
  Piece piece;
  piece.kind = kind;
  piece.first_us = samples.timestamp_us.front();
  piece.last_us = samples.timestamp_us.back();
  return piece;
}

void cut(SampleColumns& samples, TimeRange range) {
  auto& at = samples.timestamp_us;
  const auto begin = std::lower_bound(at.begin(), at.end(), range.start_us);
  const auto end = std::lower_bound(begin, at.end(), range.end_us);
  const auto from = begin - at.begin();
  const auto to = end - at.begin();
  samples.value.erase(samples.value.begin() + to, samples.value.end());
  samples.value.erase(samples.value.begin(), samples.value.begin() + from);
  at.erase(end, at.end());
  at.erase(at.begin(), at.begin() + from);
}

}  // namespace

Result<> PieceWalk::find(const HeadView& view, TimeRange range) {
  pieces_.clear();
  MW_TRY(find_chunks(chunks_, view.series, range, pieces_));
  if (view.has_waveforms && samples_ != nullptr) {
    MW_TRY(find_waveforms(*samples_, view.series, range, pieces_));
  }
  if (!view.unsealed.empty()) {
    MW_TRY(decode_main(view.unsealed, range, unsealed_));
    sort_late(view.unsealed, range, late_);
    if (!unsealed_.empty()) pieces_.push_back(piece_of(Piece::Kind::kUnsealed, unsealed_));
    if (!late_.empty()) pieces_.push_back(piece_of(Piece::Kind::kLate, late_));
  }
  if (!std::is_sorted(pieces_.begin(), pieces_.end())) std::sort(pieces_.begin(), pieces_.end());
  return {};
}

Result<> PieceWalk::load(SeriesId series, TimeRange range, std::span<const Piece> cluster) {
  if (cluster.size() == 1) return load_one(series, range, cluster.front(), samples_of_cluster_);
  merge_.clear();
  for (const Piece& piece : cluster) {
    MW_TRY(load_one(series, range, piece, one_));
    merge_.add(piece, one_);
  }
  merge_.take(samples_of_cluster_);
  return {};
}

Result<> PieceWalk::load_one(SeriesId series, TimeRange range, const Piece& piece,
                             SampleColumns& out) {
  switch (piece.kind) {
    case Piece::Kind::kChunk:
      return load_chunk(chunks_, series, piece, range, out);
    case Piece::Kind::kWaveform: {
      MW_ASSIGN(const Waveform block, load_waveform(*samples_, series, piece));
      out = expand(block);
      cut(out, range);
      return {};
    }
    case Piece::Kind::kUnsealed:
      out = unsealed_;
      return {};
    case Piece::Kind::kLate:
      out = late_;
      return {};
  }
  return {};
}

}  // namespace millwright
