#pragma once
/// Goes through the samples of a series in a range, piece by piece, in the order of time.
///
/// Threads: those of the connections.

#include "storage/sqlite/pieces.h"
#include "storage/sqlite/series_heads.h"

namespace millwright {

class PieceWalk {
 public:
  /// `chunks` is in a Snapshot. `samples`, to samples.db, is needed for series with waveforms only.
  PieceWalk(Connection& chunks, Connection* samples) : chunks_(chunks), samples_(samples) {}

  /// For pieces that no other overlaps and that lie wholly in the range `on_whole(piece)` is asked
  /// first: true means that it needs no samples. Otherwise `on_samples(columns)` gets them,
  /// ascending and inside the range, and may answer an error.
  template <typename OnWhole, typename OnSamples>
  Result<> run(const HeadView& view, TimeRange range, OnWhole on_whole, OnSamples on_samples) {
    MW_TRY(find(view, range));
    for (std::span<const Piece> rest = pieces_; !rest.empty();) {
      const auto cluster = first_cluster(rest);
      rest = rest.subspan(cluster.size());
      const Piece& only = cluster.front();
      if (cluster.size() == 1 && within(only, range) && on_whole(only)) continue;
      MW_TRY(load(view.series, range, cluster));
      if (!samples_of_cluster_.empty()) MW_TRY(on_samples(samples_of_cluster_));
    }
    return {};
  }

 private:
  Result<> find(const HeadView& view, TimeRange range);
  Result<> load(SeriesId series, TimeRange range, std::span<const Piece> cluster);
  Result<> load_one(SeriesId series, TimeRange range, const Piece& piece, SampleColumns& out);

  Connection& chunks_;
  Connection* samples_;
  std::vector<Piece> pieces_;
  SampleColumns unsealed_;
  SampleColumns late_;
  SampleColumns samples_of_cluster_;
  SampleColumns one_;
  Merge merge_;
};

}  // namespace millwright
