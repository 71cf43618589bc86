#include "storage/sqlite/waveform_codec.h"

#include <zlib.h>

#include <cstring>

#include "base/check.h"
#include "base/crc32c.h"
#include "storage/sample_rules.h"

namespace millwright {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr int kLevel = 1;  // more gains next to nothing on mantissas

enum Mode : std::uint8_t { kRaw = 0, kDeflatedPlanes = 1 };

Error damaged(std::string reason) { return {ErrorCode::kDataLoss, std::move(reason), {}}; }

Bytes to_planes(std::span<const float> value) {
  Bytes planes(value.size_bytes());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(value.data());
  for (std::size_t i = 0; i < value.size(); ++i) {
    for (std::size_t k = 0; k < sizeof(float); ++k) {
      planes[k * value.size() + i] = bytes[i * sizeof(float) + k];
    }
  }
  return planes;
}

void from_planes(const Bytes& planes, std::vector<float>& value) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(value.data());
  for (std::size_t i = 0; i < value.size(); ++i) {
    for (std::size_t k = 0; k < sizeof(float); ++k) {
      bytes[i * sizeof(float) + k] = planes[k * value.size() + i];
    }
  }
}

}  // namespace

Bytes encode_waveform(std::span<const float> value) {
  MW_CHECK(!value.empty() && value.size() <= kMaxWaveformValues);
  const Bytes planes = to_planes(value);
  uLongf packed_size = compressBound(static_cast<uLong>(planes.size()));
  Bytes packed(packed_size);
  const bool deflated = compress2(packed.data(), &packed_size, planes.data(),
                                  static_cast<uLong>(planes.size()), kLevel) == Z_OK &&
                        packed_size < planes.size();
  Bytes out;
  out.reserve(planes.size() + 16);
  out.push_back(kVersion);
  out.push_back(deflated ? kDeflatedPlanes : kRaw);
  put_varint(out, value.size());
  if (deflated) {
    out.insert(out.end(), packed.begin(),
               packed.begin() + static_cast<std::ptrdiff_t>(packed_size));
  } else {
    const auto* raw = reinterpret_cast<const std::uint8_t*>(value.data());
    out.insert(out.end(), raw, raw + value.size_bytes());
  }
  put_u32(out, crc32c(out));
  return out;
}

Result<std::vector<float>> decode_waveform(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < sizeof(std::uint32_t)) return damaged("the block is cut off");
  const auto body = bytes.first(bytes.size() - sizeof(std::uint32_t));
  std::uint32_t stored = 0;
  ByteReader(bytes.subspan(body.size())).get_u32(stored);
  if (stored != crc32c(body)) return damaged("the block's checksum does not match");

  ByteReader in(body);
  std::uint8_t version = 0;
  std::uint8_t mode = 0;
  std::uint64_t count = 0;
  if (!in.get_byte(version) || version != kVersion || !in.get_byte(mode)) {
    return damaged("the block has format " + std::to_string(version) + ", which is not known");
  }
  if (!in.get_varint(count) || count == 0 || count > kMaxWaveformValues) {
    return damaged("the block has an impossible number of values");
  }
  std::vector<float> value(count);
  const std::size_t size = count * sizeof(float);
  if (mode == kRaw && in.rest().size() == size) {
    std::memcpy(value.data(), in.rest().data(), size);
    return value;
  }
  Bytes planes(size);
  uLongf planes_size = static_cast<uLongf>(size);
  if (mode != kDeflatedPlanes ||
      uncompress(planes.data(), &planes_size, in.rest().data(),
                 static_cast<uLong>(in.rest().size())) != Z_OK ||
      planes_size != size) {
    return damaged("the block's values make no sense");
  }
  from_planes(planes, value);
  return value;
}

}  // namespace millwright
