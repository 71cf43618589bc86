#include "storage/sqlite/chunk_codec_value_reader.h"

#include <algorithm>
#include <bit>

#include "storage/sqlite/chunk_codec_format.h"

namespace millwright::chunk {

bool ValueReader::open(ByteReader& in, const Head& head) {
  head_ = head;
  std::uint8_t decimals = 0;
  if ((head_.has & kRealValues) == 0 && !in.get_byte(decimals)) return false;
  rounds_to_float_ = (decimals & kRoundsToFloat) != 0;
  decimals_ = decimals & ~unsigned{kRoundsToFloat};
  if (decimals_ > kMaxDecimals) return false;
  if (!in.get_varint(unit_) || (unit_ == 0 && !open_table(in))) return false;
  number_count_ = head_.count;
  repeats_.clear();
  if ((head_.has & kHasRepeats) != 0 && !(repeats_.open(in, head_, lists_) && place_repeats())) {
    return false;
  }
  return column_.open(in, number_count_, head_.block_size_log2, *head_.kernels) &&
         open_literals(in);
}

bool ValueReader::open_table(ByteReader& in) {
  std::uint64_t count = 0;
  return (head_.has & kRealValues) != 0 && in.get_varint(count) && count > 0 &&
         count <= head_.count && lists_.open(in, count, head_.block_size_log2, *head_.kernels) &&
         lists_.read(table_);
}

/// Puts the table's places in the place of their numbers.
bool ValueReader::look_up() {
  scaled_.resize(asked_.size());
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (asked_[i] >= table_.size()) return false;
    scaled_[i] = table_[asked_[i]];
  }
  asked_ = scaled_;
  return true;
}

bool ValueReader::place_repeats() {
  std::uint64_t numbers = 0;
  std::uint64_t repeats = 0;
  for (std::size_t i = 0; i < repeats_.size(); ++i) {
    if (repeats_.first(i) == 0 || repeats_.first(i) > head_.count ||
        repeats_.second(i) > head_.count) {
      return false;
    }
    numbers += repeats_.first(i);
    repeats += repeats_.second(i);
  }
  if (repeats >= head_.count || numbers > head_.count - repeats) return false;
  number_count_ = head_.count - repeats;
  return true;
}

bool ValueReader::open_literals(ByteReader& in) {
  literal_at_.clear();
  literals_.clear();
  if ((head_.has & kHasLiterals) == 0) return true;
  if (!literals_.open(in, head_, lists_)) return false;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < literals_.size(); ++i) {
    if (literals_.first(i) == 0 || literals_.first(i) > head_.count - next) return false;
    next += literals_.first(i);
    literal_at_.push_back(next - 1);
  }
  return true;
}

bool ValueReader::read_numbers(Span numbers) {
  const std::size_t first = numbers.first >> head_.block_size_log2;
  const std::size_t end = (numbers.end + column_.block_size() - 1) >> head_.block_size_log2;
  const std::size_t from = first << head_.block_size_log2;
  numbers_.resize(std::min(number_count_, end << head_.block_size_log2) - from);
  if (!column_.read(first, end, numbers_)) return false;
  asked_ = std::span(numbers_).subspan(numbers.first - from, numbers.size());
  return true;
}

/// Calls take(samples, first number, is_repeat) for the stretches that reach into `samples`, cut to
/// it: either a number a sample, or one number for all.
template <typename Take>
void ValueReader::for_each_stretch(Span samples, const Take& take) const {
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
bool ValueReader::read_repeated(Span samples) {
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

bool ValueReader::read(Span samples, std::vector<double>& out) {
  out.resize(samples.size());
  if (samples.size() == 0) return true;
  if (!(repeats_.size() == 0 ? read_numbers(samples) : read_repeated(samples))) return false;
  if (unit_ == 0) {
    if (!look_up()) return false;
  } else if (unit_ != 1) {
    scaled_.resize(asked_.size());
    for (std::size_t i = 0; i < asked_.size(); ++i) scaled_[i] = asked_[i] * unit_;
    asked_ = scaled_;
  }
  if ((head_.has & kRealValues) != 0) {
    head_.kernels->to_real(asked_, out.data());
  } else {
    head_.kernels->to_decimal(asked_, kPowers[decimals_], out.data());
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

}  // namespace millwright::chunk
