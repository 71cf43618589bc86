#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "storage/sqlite/chunk_codec_column.h"

namespace millwright::chunk {
namespace {

constexpr std::size_t kRareOnes = 64;  // one in so many may be an exception for a smaller width
constexpr std::size_t kExceptionBits = 32;
constexpr double kSlowerBits = 0.08;  // bits a number that symbols must gain: they take longer

std::int64_t as_signed(std::uint64_t n) { return static_cast<std::int64_t>(n); }

std::uint64_t mask_of(unsigned width) {
  return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

/// Counts of the residuals' high bits in a window of kMaxSymbols around the median.
struct Histogram {
  std::array<std::uint32_t, kMaxSymbols> counts{};
  std::size_t outside = 0;
  std::int64_t least = 0;  ///< of all residuals
  std::int64_t greatest = 0;
  std::uint64_t base = 0;  ///< high bits of the first symbol
};

Histogram count_high_bits(std::span<const std::uint64_t> residuals, std::uint64_t median,
                          unsigned width) {
  Histogram h;
  h.base = static_cast<std::uint64_t>(as_signed(median) >> width) - kMaxSymbols / 2;
  h.least = h.greatest = as_signed(residuals[0]);
  for (const std::uint64_t r : residuals) {
    h.least = std::min(h.least, as_signed(r));
    h.greatest = std::max(h.greatest, as_signed(r));
    const std::uint64_t symbol = static_cast<std::uint64_t>(as_signed(r) >> width) - h.base;
    if (symbol < kMaxSymbols) {
      ++h.counts[symbol];
    } else {
      ++h.outside;
    }
  }
  return h;
}

/// First and last symbol that stay when up to `rare` residuals are cut off at the ends.
std::pair<std::size_t, std::size_t> core_of(const Histogram& h, std::size_t rare) {
  std::size_t low = 0;
  std::size_t high = kMaxSymbols - 1;
  while (low < high) {
    const std::size_t end = h.counts[low] <= h.counts[high] ? low : high;
    if (h.counts[end] > rare) break;
    rare -= h.counts[end];
    end == low ? ++low : --high;
  }
  return {low, high};
}

/// Bits from the highest of a byte down.
class CodeWriter {
 public:
  CodeWriter(Bytes& out, std::size_t room) : out_(out), at_(out.size()) {
    out_.resize(at_ + room + 8);
  }
  void put(std::uint32_t code, unsigned length) {
    word_ = word_ << length | code;
    used_ += length;
    if (used_ >= 32) {
      used_ -= 32;
      store(static_cast<std::uint32_t>(word_ >> used_));
      at_ += 4;
    }
  }
  void finish() {
    store(static_cast<std::uint32_t>(word_ << (32 - used_)));
    at_ += (used_ + 7) / 8;
    out_.resize(at_);
  }

 private:
  void store(std::uint32_t word) {
    word = __builtin_bswap32(word);
    std::memcpy(out_.data() + at_, &word, sizeof word);
  }
  Bytes& out_;
  std::size_t at_;
  std::uint64_t word_ = 0;
  unsigned used_ = 0;
};

}  // namespace

void put_bits(Bytes& out, std::span<const std::uint64_t> values, unsigned width) {
  if (width == 0) return;
  const std::size_t size = (values.size() * width + 7) / 8;
  std::size_t at = out.size();
  const std::size_t end = at + size;
  out.resize(end + 8);
  const std::uint64_t mask = mask_of(width);
  std::uint64_t word = 0;
  unsigned used = 0;
  for (std::uint64_t v : values) {
    v &= mask;
    word |= v << used;
    used += width;
    if (used >= 64) {
      std::memcpy(out.data() + at, &word, sizeof word);
      at += sizeof word;
      used -= 64;
      word = used == 0 ? 0 : v >> (width - used);
    }
  }
  std::memcpy(out.data() + at, &word, sizeof word);
  out.resize(end);
}

void put_small(Bytes& out, std::span<const std::uint64_t> values) {
  const std::uint64_t least = *std::ranges::min_element(values);
  const std::uint64_t range = *std::ranges::max_element(values) - least;
  const auto width = static_cast<unsigned>(std::bit_width(range));
  put_varint(out, least);
  out.push_back(static_cast<std::uint8_t>(width));
  std::array<std::uint64_t, 64> above;
  // Each part but the last is a multiple of 8 values, hence of whole bytes.
  for (std::size_t i = 0; i < values.size(); i += above.size()) {
    const std::size_t many = std::min(above.size(), values.size() - i);
    for (std::size_t k = 0; k < many; ++k) above[k] = values[i + k] - least;
    put_bits(out, std::span(above).first(many), width);
  }
}

void ColumnWriter::put(Bytes& out, std::span<const std::uint64_t> numbers,
                       unsigned block_size_log2) {
  block_size_log2_ = block_size_log2;
  model_ = choose_model(numbers);
  // Symbols of a half to a quarter of a standard deviation: finer ones gain next to nothing.
  low_width_ = model_.spread >= 4
                   ? std::min(static_cast<unsigned>(std::ilogb(model_.spread)) - 1, kMaxSymbolWidth)
                   : 0;
  find_residuals(numbers);
  const Layout layout = choose_layout();
  take_out_exceptions(layout);
  if (layout.has_symbols) code_symbols(layout);
  put_head(out, layout);
  put_bits(out, residuals_, layout.width);
  if (layout.has_symbols) out.insert(out.end(), streams_.begin(), streams_.end());
}

/// Blocks start from what is before them, but for the low bits: those are noise to a predictor.
void ColumnWriter::find_residuals(std::span<const std::uint64_t> numbers) {
  residuals_.resize(numbers.size());
  starts_.clear();
  const auto [kind, a8, b8] = model_.predictor;
  if (kind == kLevel) {
    std::copy(numbers.begin(), numbers.end(), residuals_.begin());
    return;
  }
  const std::int64_t a = a8;
  const std::int64_t b = b8;
  const std::size_t size = std::size_t{1} << block_size_log2_;
  for (std::size_t from = 0; from < numbers.size(); from += size) {
    const std::uint64_t before = from == 0 ? numbers[0] - model_.median : numbers[from - 1];
    PredictorState s{before & ~mask_of(low_width_), 0, 0};
    starts_.push_back(s.previous);
    const std::size_t end = std::min(from + size, numbers.size());
    for (std::size_t i = from; i < end; ++i) {
      const std::uint64_t error = numbers[i] - prediction(s, a, b);
      s = {numbers[i], numbers[i] - s.previous, error};
      residuals_[i] = error;
    }
  }
}

ColumnWriter::Layout ColumnWriter::choose_layout() {
  const std::size_t n = residuals_.size();
  const Histogram h = count_high_bits(residuals_, model_.median, low_width_);
  Layout best;
  best.bias = static_cast<std::uint64_t>(h.least);
  best.width = static_cast<unsigned>(
      std::bit_width(static_cast<std::uint64_t>(h.greatest) - static_cast<std::uint64_t>(h.least)));
  auto cost = static_cast<double>(n * best.width);
  if (cost == 0) return best;

  if (h.outside <= n / kRareOnes) {
    const auto [low, high] = core_of(h, n / kRareOnes - h.outside);
    std::size_t exceptions = n;
    for (std::size_t s = low; s <= high; ++s) exceptions -= h.counts[s];
    const unsigned width = low_width_ + static_cast<unsigned>(std::bit_width(high - low));
    const auto core_cost = static_cast<double>(n * width + exceptions * kExceptionBits);
    if (core_cost < cost && width <= kMaxSymbolWidth) {
      cost = core_cost;
      best.width = width;
      best.bias = (h.base + low) << low_width_;
    }
  }

  std::size_t low = 0;
  std::size_t high = kMaxSymbols - 1;
  while (low < high && h.counts[low] == 0) ++low;
  while (low < high && h.counts[high] == 0) --high;
  if (low == high) return best;
  const auto counts = std::span(h.counts).subspan(low, high - low + 1);
  const CodeLengths lengths = lengths_for(counts, n >= 1'024 ? 10 : 9);
  std::size_t bits = n * low_width_ + h.outside * kExceptionBits;
  for (std::size_t s = 0; s < counts.size(); ++s) bits += counts[s] * lengths.length[s];
  const std::size_t head = 24 + 2 * counts.size() + 10 * starts_.size();
  if (static_cast<double>(bits + head) + kSlowerBits * static_cast<double>(n) < cost) {
    best.has_symbols = true;
    best.width = low_width_;
    best.bias = (h.base + low) << low_width_;
    best.base = h.base + low;
    best.lengths = lengths;
  }
  return best;
}

void ColumnWriter::take_out_exceptions(const Layout& layout) {
  exceptions_.clear();
  if (!layout.has_symbols) {
    const std::uint64_t greatest = mask_of(layout.width);
    for (std::size_t i = 0; i < residuals_.size(); ++i) {
      residuals_[i] -= layout.bias;
      if (residuals_[i] <= greatest) continue;
      exceptions_.push_back({i, residuals_[i]});
      residuals_[i] = 0;
    }
    return;
  }
  std::uint64_t common = 0;  // takes the place of those
  while (layout.lengths.length[common] == 0) ++common;
  for (std::uint64_t s = common; s < layout.lengths.count; ++s) {
    const std::uint8_t length = layout.lengths.length[s];
    if (length != 0 && length < layout.lengths.length[common]) common = s;
  }
  symbols_.resize(residuals_.size());
  for (std::size_t i = 0; i < residuals_.size(); ++i) {
    const std::uint64_t symbol =
        static_cast<std::uint64_t>(as_signed(residuals_[i]) >> layout.width) - layout.base;
    if (symbol < layout.lengths.count) {
      symbols_[i] = static_cast<std::uint8_t>(symbol);
    } else {
      exceptions_.push_back({i, symbol - common});
      symbols_[i] = static_cast<std::uint8_t>(common);
    }
  }
}

void ColumnWriter::code_symbols(const Layout& layout) {
  const auto codes = codes_of(layout.lengths);
  const std::size_t size = std::size_t{1} << block_size_log2_;
  streams_.clear();
  stream_lengths_.clear();
  for (std::size_t from = 0; from < symbols_.size(); from += size) {
    const auto block = std::span(symbols_).subspan(from, std::min(size, symbols_.size() - from));
    const std::size_t before = streams_.size();
    CodeWriter writer(streams_, block.size() * 2);
    for (const std::uint8_t s : block) writer.put(codes[s], layout.lengths.length[s]);
    writer.finish();
    stream_lengths_.push_back(streams_.size() - before);
  }
}

void ColumnWriter::put_head(Bytes& out, const Layout& layout) {
  const Predictor& p = model_.predictor;
  out.push_back(static_cast<std::uint8_t>(layout.width | (layout.has_symbols ? kHasSymbols : 0)));
  out.push_back(static_cast<std::uint8_t>(p.kind | (starts_.empty() ? 0 : kHasStarts) |
                                          (exceptions_.empty() ? 0 : kHasExceptions)));
  if (p.kind == kWeighted) {
    out.push_back(static_cast<std::uint8_t>(p.a));
    out.push_back(static_cast<std::uint8_t>(p.b));
  }
  put_varint(out, zigzag(layout.has_symbols ? layout.base : layout.bias));
  if (!starts_.empty()) {
    if (layout.has_symbols) {  // their low bits are 0
      for (std::uint64_t& s : starts_) s = static_cast<std::uint64_t>(as_signed(s) >> layout.width);
    }
    put_varint(out, zigzag(starts_[0]));
    for (std::size_t b = starts_.size() - 1; b > 0; --b) {
      starts_[b] = zigzag(starts_[b] - starts_[b - 1]);
    }
    if (starts_.size() > 1) put_small(out, std::span(starts_).subspan(1));
  }
  if (layout.has_symbols) {
    put_lengths(out, layout.lengths);
    put_small(out, stream_lengths_);
  }
  if (!exceptions_.empty()) {
    put_varint(out, exceptions_.size());
    std::size_t next = 0;
    for (const Exception& e : exceptions_) {
      put_varint(out, e.at - next);
      put_varint(out, zigzag(e.add));
      next = e.at + 1;
    }
  }
}

}  // namespace millwright::chunk
