#include "storage/sqlite/chunk_codec.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/crc32c.h"
#include "storage/sqlite/chunk_codec_column.h"
#include "storage/sqlite/chunk_codec_format.h"
#include "storage/sqlite/chunk_codec_numbers.h"
#include "storage/sqlite/chunk_codec_v1.h"

namespace millwright {
namespace chunk {

Error damaged(std::string reason) { return {ErrorCode::kDataLoss, std::move(reason), {}}; }

namespace {

/// Half-open range of sample indexes.
struct Span {
  std::size_t first = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - first; }
};

/// A list of pairs, read whole: jumps of the grid, repeats, or literals.
class PairReader {
 public:
  void clear() { first_.clear(), second_.clear(); }
  bool open(ByteReader& in, std::size_t most, unsigned block_size_log2, ColumnReader& column,
            const Kernels& kernels) {
    std::uint64_t count = 0;
    return in.get_varint(count) && count > 0 && count <= most &&
           column.open(in, count, block_size_log2, kernels) && column.read(first_) &&
           column.open(in, count, block_size_log2, kernels) && column.read(second_);
  }
  std::size_t size() const { return first_.size(); }
  std::uint64_t first(std::size_t i) const { return first_[i]; }
  std::uint64_t second(std::size_t i) const { return second_[i]; }

 private:
  std::vector<std::uint64_t> first_;
  std::vector<std::uint64_t> second_;
};

/// Decodes one chunk at a time and keeps its space for the next.
class ChunkReader {
 public:
  Result<> open(std::span<const std::uint8_t> body, const Kernels& kernels);
  bool read_times(std::vector<std::int64_t>& out) { return read_times(0, times_.blocks(), out); }
  /// The samples of the blocks that may have some in the range.
  bool read_times(TimeRange range, std::vector<std::int64_t>& out, std::size_t& first_index);
  bool read_values(Span samples, std::vector<double>& out);
  std::size_t count() const { return count_; }

 private:
  bool open_times(ByteReader& in);
  bool place_jumps();
  bool open_values(ByteReader& in);
  bool open_table(ByteReader& in);
  bool look_up();
  bool place_repeats();
  bool open_literals(ByteReader& in);
  std::uint64_t grid_of(std::size_t sample) const;
  bool first_time(std::size_t block, std::int64_t& time);
  bool read_times(std::size_t first, std::size_t end, std::vector<std::int64_t>& out);
  bool read_numbers(Span numbers);
  bool read_repeated(Span samples);
  template <typename Take>
  void for_each_stretch(Span samples, const Take& take) const;

  const Kernels* kernels_ = nullptr;
  Bytes bytes_;  // the chunk, with room behind it that kernels may read
  std::size_t count_ = 0;
  unsigned block_size_log2_ = 0;
  std::uint8_t has_ = 0;
  ColumnReader column_;  // of a list
  std::vector<std::uint64_t> numbers_;
  std::span<const std::uint64_t> asked_;  // those of numbers_ that were asked for
  std::vector<std::uint64_t> repeated_;
  std::vector<std::uint64_t> scaled_;

  std::uint64_t start_us_ = 0;
  std::uint64_t time_unit_ = 0;
  std::uint64_t step_ = 0;
  PairReader jumps_;
  std::vector<std::size_t> jump_at_;     // sample
  std::vector<std::uint64_t> jump_sum_;  // of this and all before
  ColumnReader times_;

  unsigned decimals_ = 0;
  bool rounds_to_float_ = false;
  std::uint64_t value_unit_ = 0;
  std::vector<std::uint64_t> table_;
  PairReader repeats_;
  std::size_t number_count_ = 0;
  ColumnReader values_;
  PairReader literals_;
  std::vector<std::size_t> literal_at_;  // sample
};

Result<> ChunkReader::open(std::span<const std::uint8_t> body, const Kernels& kernels) {
  kernels_ = &kernels;
  bytes_.resize(std::max(bytes_.size(), body.size() + kChunkSlack));
  std::memcpy(bytes_.data(), body.data(), body.size());
  ByteReader in{std::span<const std::uint8_t>(bytes_).first(body.size())};
  std::uint64_t count = 0;
  if (!in.get_byte(has_)) return damaged("the chunk is cut off");
  block_size_log2_ = has_ & kBlockSizeBits;
  if (block_size_log2_ < kMinBlockSizeLog2 || block_size_log2_ > kMaxBlockSizeLog2) {
    return damaged("the chunk has an impossible block size");
  }
  if (!in.get_varint(count) || count == 0 || count > kMaxChunkSamples) {
    return damaged("the chunk has an impossible number of samples");
  }
  count_ = count;
  if (!open_times(in)) return damaged("the chunk's timestamps make no sense");
  if (!open_values(in) || !in.rest().empty()) return damaged("the chunk's values make no sense");
  return {};
}

// Times -------------------------------------------------------------------------------------------

bool ChunkReader::open_times(ByteReader& in) {
  std::uint64_t start = 0;
  jump_at_.clear();
  jump_sum_.clear();
  if (!in.get_varint(start)) return false;
  start_us_ = unzigzag(start);
  if (count_ == 1) return (has_ & kHasJumps) == 0;
  if (!in.get_varint(time_unit_) || !in.get_varint(step_)) return false;
  if ((has_ & kHasJumps) != 0 &&
      !(jumps_.open(in, count_, block_size_log2_, column_, *kernels_) && place_jumps())) {
    return false;
  }
  return times_.open(in, count_, block_size_log2_, *kernels_);
}

bool ChunkReader::place_jumps() {
  std::uint64_t at = 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < jumps_.size(); ++i) {
    if (jumps_.first(i) == 0 || jumps_.first(i) >= count_ - at) return false;
    at += jumps_.first(i);
    sum += unzigzag(jumps_.second(i));
    jump_at_.push_back(at);
    jump_sum_.push_back(sum);
  }
  return true;
}

std::uint64_t ChunkReader::grid_of(std::size_t sample) const {
  const auto after = std::ranges::upper_bound(jump_at_, sample) - jump_at_.begin();
  return sample + (after == 0 ? 0 : jump_sum_[static_cast<std::size_t>(after) - 1]);
}

bool ChunkReader::first_time(std::size_t block, std::int64_t& time) {
  std::uint64_t miss = 0;
  if (!times_.first_of(block, miss)) return false;
  const std::uint64_t grid = grid_of(block << block_size_log2_);
  time = static_cast<std::int64_t>(start_us_ + time_unit_ * (grid * step_ + miss));
  return true;
}

bool ChunkReader::read_times(std::size_t first, std::size_t end, std::vector<std::int64_t>& out) {
  if (count_ == 1) {
    out.assign(1, static_cast<std::int64_t>(start_us_));
    return true;
  }
  std::size_t at = first << block_size_log2_;
  const std::size_t until = std::min(count_, end << block_size_log2_);
  numbers_.resize(until - at);
  out.resize(until - at);
  if (!times_.read(first, end, numbers_)) return false;
  std::span<const std::uint64_t> rest = numbers_;
  std::int64_t* to = out.data();
  auto jump = static_cast<std::size_t>(std::ranges::upper_bound(jump_at_, at) - jump_at_.begin());
  while (!rest.empty()) {  // from jump to jump
    const std::size_t next = jump < jump_at_.size() ? std::min(jump_at_[jump], until) : until;
    const std::uint64_t base = start_us_ + time_unit_ * step_ * grid_of(at);
    kernels_->to_times(rest.first(next - at), base, time_unit_ * step_, time_unit_, to);
    rest = rest.subspan(next - at);
    to += next - at;
    at = next;
    ++jump;
  }
  return kernels_->ascends(out);
}

bool ChunkReader::read_times(TimeRange range, std::vector<std::int64_t>& out,
                             std::size_t& first_index) {
  first_index = 0;
  if (count_ == 1) return read_times(out);
  // The last block that starts at or before the range, and the first that starts behind it.
  const auto blocks_before = [this](std::int64_t end_us, bool inclusive, std::size_t& before) {
    std::size_t low = 0;
    std::size_t high = times_.blocks();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      std::int64_t time = 0;
      if (!first_time(middle, time)) return false;
      if (time < end_us || (inclusive && time == end_us)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    before = low;
    return true;
  };
  std::size_t first = 0;
  std::size_t end = 0;
  if (!blocks_before(range.start_us, true, first) || !blocks_before(range.end_us, false, end)) {
    return false;
  }
  if (first > 0) --first;
  if (end < first) end = first;
  first_index = first << block_size_log2_;
  return read_times(first, end, out);
}

// Values ------------------------------------------------------------------------------------------

bool ChunkReader::open_values(ByteReader& in) {
  std::uint8_t decimals = 0;
  if ((has_ & kRealValues) == 0 && !in.get_byte(decimals)) return false;
  rounds_to_float_ = (decimals & kRoundsToFloat) != 0;
  decimals_ = decimals & ~unsigned{kRoundsToFloat};
  if (decimals_ > kMaxDecimals) return false;
  if (!in.get_varint(value_unit_) || (value_unit_ == 0 && !open_table(in))) return false;
  number_count_ = count_;
  repeats_.clear();
  if ((has_ & kHasRepeats) != 0 &&
      !(repeats_.open(in, count_, block_size_log2_, column_, *kernels_) && place_repeats())) {
    return false;
  }
  return values_.open(in, number_count_, block_size_log2_, *kernels_) && open_literals(in);
}

bool ChunkReader::open_table(ByteReader& in) {
  std::uint64_t count = 0;
  return (has_ & kRealValues) != 0 && in.get_varint(count) && count > 0 && count <= count_ &&
         column_.open(in, count, block_size_log2_, *kernels_) && column_.read(table_);
}

/// Puts the table's places in the place of their numbers.
bool ChunkReader::look_up() {
  scaled_.resize(asked_.size());
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (asked_[i] >= table_.size()) return false;
    scaled_[i] = table_[asked_[i]];
  }
  asked_ = scaled_;
  return true;
}

bool ChunkReader::place_repeats() {
  std::uint64_t numbers = 0;
  std::uint64_t repeats = 0;
  for (std::size_t i = 0; i < repeats_.size(); ++i) {
    if (repeats_.first(i) == 0 || repeats_.first(i) > count_ || repeats_.second(i) > count_) {
      return false;
    }
    numbers += repeats_.first(i);
    repeats += repeats_.second(i);
  }
  if (repeats >= count_ || numbers > count_ - repeats) return false;
  number_count_ = count_ - repeats;
  return true;
}

bool ChunkReader::open_literals(ByteReader& in) {
  literal_at_.clear();
  literals_.clear();
  if ((has_ & kHasLiterals) == 0) return true;
  if (!literals_.open(in, count_, block_size_log2_, column_, *kernels_)) return false;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < literals_.size(); ++i) {
    if (literals_.first(i) == 0 || literals_.first(i) > count_ - next) return false;
    next += literals_.first(i);
    literal_at_.push_back(next - 1);
  }
  return true;
}

bool ChunkReader::read_numbers(Span numbers) {
  const std::size_t first = numbers.first >> block_size_log2_;
  const std::size_t end = (numbers.end + values_.block_size() - 1) >> block_size_log2_;
  const std::size_t from = first << block_size_log2_;
  numbers_.resize(std::min(number_count_, end << block_size_log2_) - from);
  if (!values_.read(first, end, numbers_)) return false;
  asked_ = std::span(numbers_).subspan(numbers.first - from, numbers.size());
  return true;
}

/// Calls take(samples, first number, is_repeat) for the stretches that reach into `samples`, cut to
/// it: either a number a sample, or one number for all.
template <typename Take>
void ChunkReader::for_each_stretch(Span samples, const Take& take) const {
  std::size_t sample = 0;
  std::size_t number = 0;
  const auto cut = [&](std::size_t length, bool is_repeat) {
    const Span part{std::max(sample, samples.first), std::min(sample + length, samples.end)};
    if (part.first < part.end)
      take(part, is_repeat ? number - 1 : number + part.first - sample, is_repeat);
    sample += length;
    if (!is_repeat) number += length;
  };
  for (std::size_t i = 0; i < repeats_.size() && sample < samples.end; ++i) {
    cut(repeats_.first(i), false);
    cut(repeats_.second(i), true);
  }
  if (sample < samples.end) cut(number_count_ - number, false);
}

/// As read_numbers(), by samples.
bool ChunkReader::read_repeated(Span samples) {
  Span numbers{number_count_, 0};
  for_each_stretch(samples, [&](Span part, std::size_t number, bool is_repeat) {
    numbers.first = std::min(numbers.first, number);
    numbers.end = std::max(numbers.end, number + (is_repeat ? 1 : part.size()));
  });
  if (!read_numbers(numbers)) return false;
  repeated_.resize(samples.size());
  for_each_stretch(samples, [&](Span part, std::size_t number, bool is_repeat) {
    const auto to = repeated_.begin() + static_cast<std::ptrdiff_t>(part.first - samples.first);
    const auto from = asked_.begin() + static_cast<std::ptrdiff_t>(number - numbers.first);
    if (is_repeat) {
      std::fill_n(to, part.size(), *from);
    } else {
      std::copy_n(from, part.size(), to);
    }
  });
  asked_ = repeated_;
  return true;
}

bool ChunkReader::read_values(Span samples, std::vector<double>& out) {
  out.resize(samples.size());
  if (samples.size() == 0) return true;
  if (!(repeats_.size() == 0 ? read_numbers(samples) : read_repeated(samples))) return false;
  if (value_unit_ == 0) {
    if (!look_up()) return false;
  } else if (value_unit_ != 1) {
    scaled_.resize(asked_.size());
    for (std::size_t i = 0; i < asked_.size(); ++i) scaled_[i] = asked_[i] * value_unit_;
    asked_ = scaled_;
  }
  if ((has_ & kRealValues) != 0) {
    kernels_->to_real(asked_, out.data());
  } else {
    kernels_->to_decimal(asked_, kPowers[decimals_], out.data());
    if (rounds_to_float_) {
      for (double& v : out) v = static_cast<double>(static_cast<float>(v));
    }
  }
  auto l = static_cast<std::size_t>(std::ranges::lower_bound(literal_at_, samples.first) -
                                    literal_at_.begin());
  for (; l < literal_at_.size() && literal_at_[l] < samples.end; ++l) {
    out[literal_at_[l] - samples.first] = std::bit_cast<double>(literals_.second(l));
  }
  return true;
}

/// Keeps the samples in the range.
Span cut_to(TimeRange range, std::vector<std::int64_t>& time) {
  const auto first = std::ranges::lower_bound(time, range.start_us);
  const auto end = std::lower_bound(first, time.end(), range.end_us);
  const Span kept{static_cast<std::size_t>(first - time.begin()),
                  static_cast<std::size_t>(end - time.begin())};
  if (kept.first > 0) std::copy(first, end, time.begin());
  time.resize(kept.size());
  return kept;
}

/// The bytes between version and checksum, after checking both; the version by itself.
Result<std::uint8_t> verified(std::span<const std::uint8_t> bytes,
                              std::span<const std::uint8_t>& body) {
  if (bytes.size() < sizeof(std::uint32_t)) return damaged("the chunk is cut off");
  body = bytes.first(bytes.size() - sizeof(std::uint32_t));
  std::uint32_t stored = 0;
  ByteReader(bytes.subspan(body.size())).get_u32(stored);
  if (stored != crc32c(body)) {
    return damaged("the chunk's checksum does not match");
  }
  const std::uint8_t version = body.empty() ? 0 : body[0];
  if (version != 1 && version != kVersion) {
    return damaged("the chunk has format " + std::to_string(version) + ", which is not known");
  }
  body = body.subspan(1);
  return version;
}

ChunkReader& reader_of_this_thread() {
  thread_local const auto reader = std::make_unique<ChunkReader>();
  return *reader;
}

}  // namespace

Result<> decode_with(const Kernels& kernels, std::span<const std::uint8_t> bytes,
                     const TimeRange* range, SampleColumns& out) {
  std::span<const std::uint8_t> body;
  MW_ASSIGN(const std::uint8_t version, verified(bytes, body));
  if (version == 1) {
    MW_TRY(decode_version_1(ByteReader(body), out));
    if (range == nullptr) return {};
    const Span kept = cut_to(*range, out.timestamp_us);
    const auto first = out.value.begin() + static_cast<std::ptrdiff_t>(kept.first);
    std::copy_n(first, kept.size(), out.value.begin());
    out.value.resize(kept.size());
    return {};
  }
  ChunkReader& reader = reader_of_this_thread();
  MW_TRY(reader.open(body, kernels));
  Span samples{0, reader.count()};
  std::size_t first = 0;
  if (!(range == nullptr ? reader.read_times(out.timestamp_us)
                         : reader.read_times(*range, out.timestamp_us, first))) {
    return damaged("the chunk's timestamps make no sense");
  }
  if (range != nullptr) {
    samples = cut_to(*range, out.timestamp_us);
    samples.first += first;
    samples.end += first;
  }
  if (!reader.read_values(samples, out.value)) return damaged("the chunk's values make no sense");
  return {};
}

}  // namespace chunk

Result<> decode_chunk(std::span<const std::uint8_t> bytes, SampleColumns& out) {
  return chunk::decode_with(chunk::fastest_kernels(), bytes, nullptr, out);
}

Result<> decode_chunk(std::span<const std::uint8_t> bytes, TimeRange range, SampleColumns& out) {
  return chunk::decode_with(chunk::fastest_kernels(), bytes, &range, out);
}

}  // namespace millwright
