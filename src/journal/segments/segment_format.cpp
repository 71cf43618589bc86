#include "journal/segments/segment_format.h"

#include <charconv>
#include <cstdio>

#include "base/text.h"
#include "record/record.h"

namespace millwright::journal {
namespace {

constexpr std::string_view kMagic = "MWJRNL01";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kSuffix = ".segment";

template <typename T>
void put(std::string* out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    *out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
  }
}

template <typename T>
T get(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return static_cast<T>(value);
}

std::string_view as_text(const EpochId& epoch) {
  return {reinterpret_cast<const char*>(epoch.data()), epoch.size()};
}

EpochId get_epoch(std::string_view bytes, std::size_t at) {
  EpochId epoch{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), epoch.size(), epoch.begin());
  return epoch;
}

std::uint32_t frame_crc(const EpochId& epoch, std::string_view header, std::string_view payload) {
  const std::uint32_t crc =
      record::crc32c(record::crc32c(0, as_text(epoch)), header.substr(0, kFrameHeaderBytes - 4));
  return record::crc32c(crc, payload);
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::string encode_header(const SegmentHeader& header) {
  std::string out(kMagic);
  put(&out, kVersion);
  put(&out, static_cast<std::uint32_t>(header.reason));
  out += as_text(header.epoch);
  out += as_text(header.previous);
  put(&out, header.first_seq);
  put(&out, header.chain_before);
  put(&out, header.lost_before);
  put(&out, header.created_us);
  put(&out, std::uint32_t{0});
  put(&out, record::crc32c(0, out));
  return out;
}

std::optional<SegmentHeader> decode_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::string_view covered = bytes.substr(0, kSegmentHeaderBytes - 4);
  if (get<std::uint32_t>(bytes, 8) != kVersion) return std::nullopt;
  if (get<std::uint32_t>(bytes, kSegmentHeaderBytes - 4) != record::crc32c(0, covered)) {
    return std::nullopt;
  }
  SegmentHeader header;
  header.reason = static_cast<HoleReason>(get<std::uint32_t>(bytes, 12));
  header.epoch = get_epoch(bytes, 16);
  header.previous = get_epoch(bytes, 32);
  header.first_seq = get<std::uint64_t>(bytes, 48);
  header.chain_before = get<std::uint64_t>(bytes, 56);
  header.lost_before = get<std::uint64_t>(bytes, 64);
  header.created_us = get<std::int64_t>(bytes, 72);
  return header;
}

void append_frame(std::string* out, const EpochId& epoch, const FrameHeader& header,
                  std::string_view payload) {
  const std::size_t start = out->size();
  *out += kFrameMarker;
  put(out, static_cast<std::uint32_t>(payload.size()));
  put(out, header.seq);
  put(out, header.time_us);
  put(out, header.chain_before);
  const std::string_view so_far = std::string_view(*out).substr(start);
  const std::uint32_t seed = record::crc32c(record::crc32c(0, as_text(epoch)), so_far);
  put(out, record::crc32c(seed, payload));
  *out += payload;
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes || !bytes.starts_with(kFrameMarker)) return std::nullopt;
  FrameHeader header;
  header.length = get<std::uint32_t>(bytes, 4);
  header.seq = get<std::uint64_t>(bytes, 8);
  header.time_us = get<std::int64_t>(bytes, 16);
  header.chain_before = get<std::uint64_t>(bytes, 24);
  header.crc = get<std::uint32_t>(bytes, 32);
  if (header.length == 0 || header.length > kMaxRecordBytes || header.seq == 0) return std::nullopt;
  return header;
}

bool is_intact(const EpochId& epoch, std::string_view header_bytes, std::string_view payload) {
  return get<std::uint32_t>(header_bytes, kFrameHeaderBytes - 4) ==
         frame_crc(epoch, header_bytes, payload);
}

std::string segment_name(std::uint64_t ordinal, const EpochId& epoch) {
  char number[24];
  std::snprintf(number, sizeof number, "%012llu", static_cast<unsigned long long>(ordinal));
  return std::string(number) + "-" + to_hex(epoch) + std::string(kSuffix);
}

std::optional<SegmentName> parse_segment_name(std::string_view name) {
  if (name.size() != 12 + 1 + 32 + kSuffix.size() || name[12] != '-' || !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  SegmentName out;
  const auto [end, code] = std::from_chars(name.data(), name.data() + 12, out.ordinal);
  if (code != std::errc{} || end != name.data() + 12) return std::nullopt;
  for (std::size_t i = 0; i < out.epoch.size(); ++i) {
    const auto high = hex_digit(name[13 + 2 * i]);
    const auto low = hex_digit(name[14 + 2 * i]);
    if (!high || !low) return std::nullopt;
    out.epoch[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return out;
}

}  // namespace millwright::journal
