#include "storage/sqlite/chunk_codec_v1.h"

#include <bit>

namespace millwright::chunk {
namespace {

constexpr unsigned kMaxTimeScale = 6;  // seconds
constexpr unsigned kMaxDecimals = 12;

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

Result<> decode_version_1(ByteReader in, SampleColumns& out) {
  std::uint8_t scale = 0;
  std::uint8_t mode = 0;
  std::uint8_t parameter = 0;
  std::uint64_t count = 0;
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

}  // namespace millwright::chunk
