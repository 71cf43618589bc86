#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "base/crc32c.h"
#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/chunk_codec_column.h"
#include "storage/sqlite/chunk_codec_format.h"
#include "storage/sqlite/chunk_codec_time_numbers.h"
#include "storage/sqlite/chunk_codec_value_numbers.h"

namespace millwright {

using namespace chunk;  // its parts are written there

/// Four blocks where that makes 128 to 512 samples each: the reader takes so many side by side, and
/// every block has a few bytes of its own.
unsigned block_size_log2(std::size_t count) {
  return std::clamp(static_cast<unsigned>(std::bit_width((count - 1) / 4)), 7U, 9U);
}

class ChunkEncoder::Writer {
 public:
  const Bytes& encode(std::span<const std::int64_t> timestamp_us, std::span<const double> value) {
    times_.find(timestamp_us);
    values_.find(value);
    block_size_log2_ = block_size_log2(value.size());
    auto has = static_cast<std::uint8_t>(block_size_log2_);
    if (values_.is_real()) has |= kRealValues;
    if (!times_.jumps().empty()) has |= kHasJumps;
    if (!values_.repeats().empty()) has |= kHasRepeats;
    if (!values_.literals().empty()) has |= kHasLiterals;
    out_.clear();
    out_.push_back(kVersion);
    out_.push_back(has);
    put_varint(out_, value.size());
    put_times(timestamp_us[0]);
    put_values();
    put_u32(out_, crc32c(out_));
    return out_;
  }

 private:
  void put_times(std::int64_t first_us) {
    put_varint(out_, zigzag(static_cast<std::uint64_t>(first_us)));
    if (times_.misses().size() == 1) return;
    put_varint(out_, times_.unit());
    put_varint(out_, times_.step());
    put_pairs(times_.jumps());
    column_.put(out_, times_.misses(), block_size_log2_);
  }

  void put_values() {
    if (!values_.is_real()) {
      out_.push_back(static_cast<std::uint8_t>(values_.decimals() |
                                               (values_.rounds_to_float() ? kRoundsToFloat : 0)));
    }
    put_varint(out_, values_.unit());
    if (!values_.table().empty()) {
      put_varint(out_, values_.table().size());
      column_.put(out_, values_.table(), block_size_log2_);
    }
    put_pairs(values_.repeats());
    column_.put(out_, values_.numbers(), block_size_log2_);
    put_pairs(values_.literals());
  }

  /// Two columns of a few numbers each.
  void put_pairs(std::span<const Pair> pairs) {
    if (pairs.empty()) return;
    put_varint(out_, pairs.size());
    few_.clear();
    for (const Pair& p : pairs) few_.push_back(p.first);
    column_.put(out_, few_, block_size_log2_);
    few_.clear();
    for (const Pair& p : pairs) few_.push_back(p.second);
    column_.put(out_, few_, block_size_log2_);
  }

  unsigned block_size_log2_ = 0;
  TimeNumbers times_;
  ValueNumbers values_;
  ColumnWriter column_;
  std::vector<std::uint64_t> few_;
  Bytes out_;
};

ChunkEncoder::ChunkEncoder() : writer_(std::make_unique<Writer>()) {}
ChunkEncoder::~ChunkEncoder() = default;
ChunkEncoder::ChunkEncoder(ChunkEncoder&&) noexcept = default;
ChunkEncoder& ChunkEncoder::operator=(ChunkEncoder&&) noexcept = default;

const Bytes& ChunkEncoder::encode(std::span<const std::int64_t> timestamp_us,
                                  std::span<const double> value) {
  MW_CHECK(!value.empty() && value.size() <= kMaxChunkSamples);
  MW_CHECK(value.size() == timestamp_us.size());
  return writer_->encode(timestamp_us, value);
}

}  // namespace millwright
