#include <algorithm>

#include "storage/sqlite/chunk_codec_column.h"

namespace millwright::chunk {
namespace {

constexpr std::size_t packed_size(std::size_t count, unsigned width) {
  return (count * width + 7) / 8;
}

/// PredictorState, with what follows from the last difference and error kept instead of them.
struct Walk {
  std::uint64_t previous = 0;
  std::uint64_t weighted = 8;

  void take(std::uint64_t& number, std::uint64_t a, std::uint64_t b) {
    const std::uint64_t error = number;
    const std::uint64_t difference =
        static_cast<std::uint64_t>(static_cast<std::int64_t>(weighted) >> 4) + error;
    weighted = a * difference + (b * error + 8);
    number = previous += difference;
  }
};

/// Replaces the residuals of kLanes blocks, which lie `stride` apart, by numbers. Each block is a
/// chain of dependent sums; side by side they keep the processor busy.
template <std::size_t kLanes>
void integrate(std::uint64_t* numbers, std::size_t stride, std::size_t from, std::size_t to,
               Predictor predictor, Walk* walks) {
  const auto a = static_cast<std::uint64_t>(std::int64_t{predictor.a});
  const auto b = static_cast<std::uint64_t>(std::int64_t{predictor.b});
  Walk walk0 = walks[0];
  Walk walk1 = walks[1];
  Walk walk2 = walks[2];
  Walk walk3 = walks[3];
  for (std::uint64_t* at = numbers + from; at < numbers + to; ++at) {
    walk0.take(*at, a, b);
    if constexpr (kLanes > 1) walk1.take(at[stride], a, b);
    if constexpr (kLanes > 2) walk2.take(at[2 * stride], a, b);
    if constexpr (kLanes > 3) walk3.take(at[3 * stride], a, b);
  }
  walks[0] = walk0;
  walks[1] = walk1;
  walks[2] = walk2;
  walks[3] = walk3;
}

void integrate_some(std::size_t lanes, std::uint64_t* numbers, std::size_t stride, std::size_t from,
                    std::size_t to, Predictor predictor, Walk* walks) {
  switch (lanes) {
    case 4:
      return integrate<4>(numbers, stride, from, to, predictor, walks);
    case 3:
      return integrate<3>(numbers, stride, from, to, predictor, walks);
    case 2:
      return integrate<2>(numbers, stride, from, to, predictor, walks);
    case 1:
      return integrate<1>(numbers, stride, from, to, predictor, walks);
    default:
      return;
  }
}

void add_up(std::span<std::uint64_t> numbers, std::uint64_t start) {
  for (std::uint64_t& n : numbers) n = start += n;
}

}  // namespace

bool get_small(ByteReader& in, std::span<std::uint64_t> values) {
  std::uint64_t least = 0;
  std::uint8_t width = 0;
  std::span<const std::uint8_t> packed;
  if (!in.get_varint(least) || !in.get_byte(width) || width > 64 ||
      !in.get_bytes(packed_size(values.size(), width), packed)) {
    return false;
  }
  portable_kernels().unpack(packed.data(), width, nullptr, least, values);
  return true;
}

// The head ----------------------------------------------------------------------------------------

bool ColumnReader::open(ByteReader& in, std::size_t count, unsigned block_size_log2,
                        const Kernels& kernels) {
  kernels_ = &kernels;
  count_ = count;
  block_size_log2_ = block_size_log2;
  std::uint8_t first = 0;
  std::uint8_t second = 0;
  if (!in.get_byte(first) || !in.get_byte(second)) return false;
  has_symbols_ = (first & kHasSymbols) != 0;
  width_ = first & kWidthBits;
  if (width_ > (has_symbols_ ? kMaxSymbolWidth : 64)) return false;
  const auto kind = static_cast<PredictorKind>(second & kPredictorBits);
  if (kind > kWeighted || second >= 0x10) return false;
  predictor_ = {kind, 0, 0};
  if (kind == kWeighted) {
    std::uint8_t a = 0;
    std::uint8_t b = 0;
    if (!in.get_byte(a) || !in.get_byte(b)) return false;
    predictor_.a = static_cast<std::int8_t>(a);
    predictor_.b = static_cast<std::int8_t>(b);
  }
  std::uint64_t bias = 0;
  if (!in.get_varint(bias)) return false;
  bias_ = unzigzag(bias) << (has_symbols_ ? width_ : 0);
  starts_.clear();
  stream_lengths_.clear();
  exceptions_.clear();
  if ((second & kHasStarts) != 0 && !open_starts(in)) return false;
  if (has_symbols_ && !open_symbols(in)) return false;
  if ((second & kHasExceptions) != 0 && !open_exceptions(in)) return false;
  if (!in.get_bytes(packed_size(count_, width_), packed_)) return false;
  streams_.clear();
  for (const std::uint64_t length : stream_lengths_) {
    std::span<const std::uint8_t> stream;
    if (!in.get_bytes(length, stream)) return false;
    streams_.push_back(stream.data());
  }
  return true;
}

bool ColumnReader::open_starts(ByteReader& in) {
  std::uint64_t first = 0;
  starts_.resize(blocks());
  if (!in.get_varint(first)) return false;
  starts_[0] = unzigzag(first);
  if (blocks() > 1 && !get_small(in, std::span(starts_).subspan(1))) return false;
  for (std::size_t b = 1; b < starts_.size(); ++b) {
    starts_[b] = starts_[b - 1] + unzigzag(starts_[b]);
  }
  if (has_symbols_) {
    for (std::uint64_t& start : starts_) start <<= width_;
  }
  return true;
}

bool ColumnReader::open_symbols(ByteReader& in) {
  CodeLengths lengths;
  if (!get_lengths(in, lengths)) return false;
  fill_table(lengths, table_);
  stream_lengths_.resize(blocks());
  return get_small(in, stream_lengths_);
}

bool ColumnReader::open_exceptions(ByteReader& in) {
  std::uint64_t many = 0;
  if (!in.get_varint(many) || many == 0 || many > count_) return false;
  exceptions_.resize(many);
  std::uint64_t at = 0;
  for (Exception& e : exceptions_) {
    std::uint64_t gap = 0;
    std::uint64_t add = 0;
    if (!in.get_varint(gap) || !in.get_varint(add) || gap >= count_ - at) return false;
    at += gap;
    e = {at, unzigzag(add) << (has_symbols_ ? width_ : 0)};
    if (++at == count_ && &e != &exceptions_.back()) return false;
  }
  return true;
}

// The numbers -------------------------------------------------------------------------------------

std::uint64_t ColumnReader::first_of(std::size_t block) {
  std::uint64_t number = 0;
  const std::size_t at = block << block_size_log2_;
  if (has_symbols_) {
    SymbolLane lane{streams_[block], 1, 0};
    kernels_->read_symbols(table_, std::span(&lane, 1), symbols_);
  }
  kernels_->unpack(packed_.data() + at * width_ / 8, width_,
                   has_symbols_ ? symbols_.data() : nullptr,
                   bias_ + (starts_.empty() ? 0 : starts_[block]), std::span(&number, 1));
  const auto e = std::ranges::lower_bound(exceptions_, at, {}, &Exception::at);
  if (e != exceptions_.end() && e->at == at) number += e->add;
  return number;
}

bool ColumnReader::read(std::size_t first, std::size_t end, std::span<std::uint64_t> out) {
  while (first < end) {
    const std::size_t next = std::min(end, first + kMaxLanes);
    const std::size_t count = std::min(count_, next << block_size_log2_) - first * block_size();
    if (!read_residuals(first, next, out.first(count))) return false;
    add_predictions(first, next, out.first(count));
    out = out.subspan(count);
    first = next;
  }
  return true;
}

bool ColumnReader::read_residuals(std::size_t first, std::size_t end,
                                  std::span<std::uint64_t> out) {
  if (has_symbols_) {
    SymbolLane lanes[kMaxLanes];
    const std::size_t many = end - first;
    for (std::size_t k = 0; k < many; ++k) lanes[k] = {streams_[first + k], size_of(first + k), 0};
    kernels_->read_symbols(table_, std::span(lanes).first(many), symbols_);
    for (std::size_t k = 0; k < many; ++k) {
      if ((lanes[k].used_bits + 7) / 8 != stream_lengths_[first + k]) return false;
    }
  }
  const std::size_t at = first << block_size_log2_;
  if (has_symbols_) {
    for (std::size_t k = 0; k < end - first; ++k) {
      const std::size_t from = k << block_size_log2_;
      kernels_->unpack(packed_.data() + (at + from) * width_ / 8, width_,
                       symbols_.data() + k * kLaneStride, bias_,
                       out.subspan(from, size_of(first + k)));
    }
  } else {
    kernels_->unpack(packed_.data() + at * width_ / 8, width_, nullptr, bias_, out);
  }
  if (exceptions_.empty()) return true;
  for (auto e = std::ranges::lower_bound(exceptions_, at, {}, &Exception::at);
       e != exceptions_.end() && e->at < at + out.size(); ++e) {
    out[e->at - at] += e->add;
  }
  return true;
}

void ColumnReader::add_predictions(std::size_t first, std::size_t end,
                                   std::span<std::uint64_t> out) const {
  const auto start = [this](std::size_t block) { return starts_.empty() ? 0 : starts_[block]; };
  if (predictor_.kind == kLevel && starts_.empty()) return;
  if (predictor_.kind != kWeighted) {
    for (std::size_t b = first; b < end; ++b) {
      const auto block = out.subspan((b - first) << block_size_log2_, size_of(b));
      if (predictor_.kind == kPrevious) {
        add_up(block, start(b));
      } else {
        for (std::uint64_t& n : block) n += start(b);
      }
    }
    return;
  }
  Walk walks[kMaxLanes];
  const std::size_t lanes = end - first;
  for (std::size_t k = 0; k < lanes; ++k) walks[k].previous = start(first + k);
  const std::size_t least = size_of(end - 1);  // only the last may be shorter
  integrate_some(lanes, out.data(), block_size(), 0, least, predictor_, walks);
  integrate_some(lanes - 1, out.data(), block_size(), least, lanes > 1 ? block_size() : least,
                 predictor_, walks);
}

}  // namespace millwright::chunk
