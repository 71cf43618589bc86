#include "storage/sqlite/chunk_codec.h"

#include <bit>
#include <cmath>

#include "base/check.h"
#include "record/record.h"

namespace millwright {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr unsigned kMaxTimeScale = 6;  // seconds
constexpr unsigned kMaxDecimals = 12;
constexpr double kMaxInteger = 9007199254740992.0;  // 2^53: whole doubles below are exact

constexpr std::uint64_t kPowers[] = {1,
                                     10,
                                     100,
                                     1'000,
                                     10'000,
                                     100'000,
                                     1'000'000,
                                     10'000'000,
                                     100'000'000,
                                     1'000'000'000,
                                     10'000'000'000,
                                     100'000'000'000,
                                     1'000'000'000'000};

enum ValueMode : std::uint8_t {
  kDecimal = 0,       // integers of `decimals`, each as its difference to the first
  kDecimalDelta = 1,  // ... to the one before
  kBits = 2,          // the double's bits, exclusive-or with the one before
};

Error damaged(std::string reason) { return {ErrorCode::kDataLoss, std::move(reason), {}}; }

std::uint32_t checksum(std::span<const std::uint8_t> bytes) {
  return record::crc32c(0, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::uint64_t word(std::int64_t v) { return static_cast<std::uint64_t>(v); }

/// The integer n with n / 10^decimals == v to the last bit, where there is one.
bool to_decimal(double v, unsigned decimals, std::int64_t& n) {
  const auto power = static_cast<double>(kPowers[decimals]);
  const double scaled = v * power;
  if (!(std::abs(scaled) < kMaxInteger)) return false;
  n = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  return std::bit_cast<std::uint64_t>(static_cast<double>(n) / power) ==
         std::bit_cast<std::uint64_t>(v);
}

/// Least number of decimals that holds all values without loss; kMaxDecimals + 1 where none does.
unsigned find_decimals(std::span<const double> value, std::vector<std::uint64_t>& numbers) {
  unsigned decimals = 0;
  numbers.resize(value.size());
  std::size_t since = 0;  // values before `since` were scaled with fewer decimals
  std::int64_t n = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    while (!to_decimal(value[i], decimals, n)) {
      since = i;
      if (++decimals > kMaxDecimals) return decimals;
    }
    numbers[i] = word(n);
  }
  for (std::size_t i = 0; i < since; ++i) {
    if (!to_decimal(value[i], decimals, n)) return kMaxDecimals + 1;
    numbers[i] = word(n);
  }
  return decimals;
}

/// Largest scale that divides all differences.
unsigned find_time_scale(std::span<const std::int64_t> timestamp_us) {
  unsigned scale = kMaxTimeScale;
  for (std::size_t i = 1; i < timestamp_us.size() && scale > 0; ++i) {
    const std::uint64_t difference = word(timestamp_us[i]) - word(timestamp_us[i - 1]);
    while (difference % kPowers[scale] != 0) --scale;
  }
  return scale;
}

bool decode_times(ByteReader& in, unsigned scale, std::size_t count, SampleColumns& out,
                  std::vector<std::uint64_t>& residuals) {
  std::uint64_t first = 0;
  if (!in.get_varint(first)) return false;
  std::uint64_t at = unzigzag(first);
  out.timestamp_us[0] = static_cast<std::int64_t>(at);
  if (count == 1) return true;
  std::uint64_t step = 0;
  if (!in.get_varint(step)) return false;
  at += step * kPowers[scale];
  out.timestamp_us[1] = static_cast<std::int64_t>(at);
  residuals.resize(count - 2);
  if (!in.get_packed(residuals)) return false;
  for (std::size_t i = 2; i < count; ++i) {
    step += unzigzag(residuals[i - 2]);
    at += step * kPowers[scale];
    out.timestamp_us[i] = static_cast<std::int64_t>(at);
  }
  for (std::size_t i = 1; i < count; ++i) {
    if (out.timestamp_us[i] <= out.timestamp_us[i - 1]) return false;
  }
  return true;
}

bool decode_decimals(ByteReader& in, std::uint8_t mode, unsigned decimals, SampleColumns& out,
                     std::vector<std::uint64_t>& residuals) {
  std::uint64_t first = 0;
  if (decimals > kMaxDecimals || !in.get_varint(first)) return false;
  residuals.resize(out.size() - 1);
  if (!in.get_packed(residuals)) return false;
  const auto power = static_cast<double>(kPowers[decimals]);
  const auto real = [power](std::uint64_t n) {
    return static_cast<double>(static_cast<std::int64_t>(n)) / power;
  };
  const std::uint64_t base = unzigzag(first);
  std::uint64_t n = base;
  out.value[0] = real(n);
  for (std::size_t i = 1; i < out.size(); ++i) {
    n = (mode == kDecimal ? base : n) + unzigzag(residuals[i - 1]);
    out.value[i] = real(n);
  }
  return true;
}

bool decode_bits(ByteReader& in, unsigned shift, SampleColumns& out,
                 std::vector<std::uint64_t>& residuals) {
  std::uint64_t bits = 0;
  if (shift > 63 || !in.get_u64(bits)) return false;
  residuals.resize(out.size() - 1);
  if (!in.get_packed(residuals)) return false;
  out.value[0] = std::bit_cast<double>(bits);
  for (std::size_t i = 1; i < out.size(); ++i) {
    bits ^= residuals[i - 1] << shift;
    out.value[i] = std::bit_cast<double>(bits);
  }
  return true;
}

}  // namespace

// Encoding ----------------------------------------------------------------------------------------

const Bytes& ChunkEncoder::encode(std::span<const std::int64_t> timestamp_us,
                                  std::span<const double> value) {
  MW_CHECK(!value.empty() && value.size() <= kMaxChunkSamples);
  MW_CHECK(value.size() == timestamp_us.size());
  out_.clear();
  out_.push_back(kVersion);
  put_varint(out_, value.size());
  encode_times(timestamp_us);
  encode_values(value);
  put_u32(out_, checksum(out_));
  return out_;
}

void ChunkEncoder::encode_times(std::span<const std::int64_t> timestamp_us) {
  const unsigned scale = find_time_scale(timestamp_us);
  const std::uint64_t power = kPowers[scale];
  out_.push_back(static_cast<std::uint8_t>(scale));
  put_varint(out_, zigzag(word(timestamp_us[0])));
  if (timestamp_us.size() == 1) return;
  std::uint64_t step = (word(timestamp_us[1]) - word(timestamp_us[0])) / power;
  put_varint(out_, step);
  residuals_.resize(timestamp_us.size() - 2);
  for (std::size_t i = 2; i < timestamp_us.size(); ++i) {
    const std::uint64_t next = (word(timestamp_us[i]) - word(timestamp_us[i - 1])) / power;
    residuals_[i - 2] = zigzag(next - step);
    step = next;
  }
  put_packed(out_, residuals_);
}

void ChunkEncoder::encode_values(std::span<const double> value) {
  const unsigned decimals = find_decimals(value, numbers_);
  if (decimals <= kMaxDecimals) {
    encode_decimals(value, decimals);
  } else {
    encode_bits(value);
  }
}

void ChunkEncoder::encode_decimals(std::span<const double> value, unsigned decimals) {
  // Noise around a level is narrower as differences to the first, a walk as differences to the one
  // before: take what needs fewer bits on the whole.
  std::uint64_t to_first = 0;
  std::uint64_t to_previous = 0;
  for (std::size_t i = 1; i < value.size(); ++i) {
    to_first += static_cast<unsigned>(std::bit_width(zigzag(numbers_[i] - numbers_[0])));
    to_previous += static_cast<unsigned>(std::bit_width(zigzag(numbers_[i] - numbers_[i - 1])));
  }
  const bool delta = to_previous < to_first;
  residuals_.resize(value.size() - 1);
  for (std::size_t i = 1; i < value.size(); ++i) {
    residuals_[i - 1] = zigzag(numbers_[i] - numbers_[delta ? i - 1 : 0]);
  }
  out_.push_back(delta ? kDecimalDelta : kDecimal);
  out_.push_back(static_cast<std::uint8_t>(decimals));
  put_varint(out_, zigzag(numbers_[0]));
  put_packed(out_, residuals_);
}

void ChunkEncoder::encode_bits(std::span<const double> value) {
  residuals_.resize(value.size() - 1);
  std::uint64_t all = 0;
  for (std::size_t i = 1; i < value.size(); ++i) {
    residuals_[i - 1] =
        std::bit_cast<std::uint64_t>(value[i]) ^ std::bit_cast<std::uint64_t>(value[i - 1]);
    all |= residuals_[i - 1];
  }
  // Doubles that were floats end in 29 zeros.
  const unsigned shift = all == 0 ? 0 : static_cast<unsigned>(std::countr_zero(all));
  for (std::uint64_t& residual : residuals_) residual >>= shift;
  out_.push_back(kBits);
  out_.push_back(static_cast<std::uint8_t>(shift));
  put_u64(out_, std::bit_cast<std::uint64_t>(value[0]));
  put_packed(out_, residuals_);
}

// Decoding ----------------------------------------------------------------------------------------

Result<> decode_chunk(std::span<const std::uint8_t> bytes, SampleColumns& out) {
  if (bytes.size() < sizeof(std::uint32_t)) return damaged("the chunk is cut off");
  const auto body = bytes.first(bytes.size() - sizeof(std::uint32_t));
  std::uint32_t stored = 0;
  ByteReader(bytes.subspan(body.size())).get_u32(stored);
  if (stored != checksum(body)) return damaged("the chunk's checksum does not match");

  ByteReader in(body);
  std::uint8_t version = 0;
  std::uint8_t scale = 0;
  std::uint8_t mode = 0;
  std::uint8_t parameter = 0;
  std::uint64_t count = 0;
  if (!in.get_byte(version) || version != kVersion) {
    return damaged("the chunk has format " + std::to_string(version) + ", which is not known");
  }
  if (!in.get_varint(count) || count == 0 || count > kMaxChunkSamples) {
    return damaged("the chunk has an impossible number of samples");
  }
  out.timestamp_us.resize(count);
  out.value.resize(count);
  std::vector<std::uint64_t> residuals;
  if (!in.get_byte(scale) || scale > kMaxTimeScale ||
      !decode_times(in, scale, count, out, residuals)) {
    return damaged("the chunk's timestamps make no sense");
  }
  const bool values_read = in.get_byte(mode) && in.get_byte(parameter) &&
                           (mode == kDecimal || mode == kDecimalDelta
                                ? decode_decimals(in, mode, parameter, out, residuals)
                                : mode == kBits && decode_bits(in, parameter, out, residuals));
  if (!values_read || !in.rest().empty()) return damaged("the chunk's values make no sense");
  return {};
}

}  // namespace millwright
