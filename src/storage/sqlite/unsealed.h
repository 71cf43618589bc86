#pragma once
/// The samples of one series that lie in no chunk yet, in memory: full blocks compressed, the rest
/// as they came. The log holds the same on disk.
///
/// Samples newer than all before go to blocks and `recent`, which ascend strictly. Late ones
/// (corrections, out of order) are kept aside in the order of their arrival and count over
/// everything else of the series. Threads: the caller locks.

#include <memory>
#include <vector>

#include "model/samples.h"
#include "storage/sqlite/bytes.h"
#include "storage/sqlite/pieces.h"

namespace millwright {

struct Sample {
  std::int64_t at_us = 0;
  double value = 0;
};

struct Unsealed {
  /// How many samples are compressed together.
  static constexpr std::size_t kBlockSamples = 256;

  struct Block {
    std::int64_t first_us = 0;
    std::int64_t last_us = 0;
    std::size_t count = 0;
    std::shared_ptr<const Bytes> bytes;  ///< as chunk_codec.h writes them
  };
  std::vector<Block> blocks;
  std::vector<Sample> recent;
  std::vector<Sample> late;

  std::size_t count() const;
  /// What the samples take, without spare room.
  std::size_t bytes() const;
  bool empty() const { return blocks.empty() && recent.empty() && late.empty(); }
  /// Removes what `front` holds, which was copied from here and is still the front.
  void remove_front(const Unsealed& front);
  /// The blocks and the rest as pieces, of which only span and count are known.
  std::vector<Piece> pieces() const;
  /// Copies only what may reach into the range; blocks are shared.
  Unsealed slice(TimeRange range) const;
};

/// Samples of the blocks and `recent` inside the range, ascending. Replaces `out`.
/// Errors: kDataLoss, when memory was damaged.
Result<> decode_main(const Unsealed& unsealed, TimeRange range, SampleColumns& out);
/// The late samples inside the range, ascending, of equal timestamps the one that came last.
void sort_late(const Unsealed& unsealed, TimeRange range, SampleColumns& out);

}  // namespace millwright
