#pragma once
/// Series of many kinds for the tests and benchmarks of the chunk codec.

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "model/samples.h"
#include "storage/sqlite/bytes.h"

namespace millwright::testing {

inline constexpr std::int64_t kChunkStart = 1'764'000'000'000'000;

enum class TimeKind { kRegular, kJitter, kGaps, kDrift, kIrregular, kHuge, kCount };

inline std::vector<std::int64_t> make_times(TimeKind kind, std::size_t count,
                                            std::mt19937_64& random) {
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
  };
  const std::int64_t units[] = {1, 7, 1'000, 250'000, 1'000'000, 60'000'000};
  const std::int64_t step = units[random() % std::size(units)] * (1 + below(3));
  const std::int64_t unit = step >= 1'000'000 ? 1'000 : 1;
  std::vector<std::int64_t> out;
  std::int64_t grid = kChunkStart - below(1'000'000'000);
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t at = grid;
    if (kind == TimeKind::kJitter || kind == TimeKind::kGaps)
      at += unit * below(step / unit / 9 + 1);
    if (kind == TimeKind::kDrift) at += static_cast<std::int64_t>(i) / 3;
    if (kind == TimeKind::kIrregular) at += below(5 * step);
    if (kind == TimeKind::kHuge) {
      // Reaches from one end of time to the other.
      const auto part = std::numeric_limits<std::uint64_t>::max() / count;
      at = static_cast<std::int64_t>(
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::min()) + part * i +
          random() % part);
    }
    if (i > 0 && at <= last) at = last + 1;
    out.push_back(last = at);
    grid += step;
    if (kind == TimeKind::kGaps && below(12) == 0)
      grid += step * below(random() % 8 == 0 ? 90'000 : 4);
  }
  return out;
}

enum class ValueKind {
  kConstant,
  kRamp,
  kNoise,
  kWalk,
  kSmooth,
  kCounter,
  kSwitch,
  kReal,
  kSmoothReal,
  kFloat,
  kExtremes,
  kBits,
  kDecimals,
  kMixed,
  kSteps,
  kScaledCounts,  // of a converter, such as 27,648 for 10 bar
  kFloatDecimals,
  kAroundZero,  // with many -0.0
  kCount
};

inline std::vector<double> make_values(ValueKind kind, std::size_t count, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  const double extremes[] = {0.0,
                             -0.0,
                             5e-324,
                             -2.2e-308,
                             1e308,
                             1.0,
                             -std::numeric_limits<double>::max(),
                             std::numeric_limits<double>::max(),
                             std::numeric_limits<double>::min(),
                             std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN(),
                             9007199254740993.0,
                             2251799813685248.0,
                             -2251799813685247.0,
                             4503599627370497.5,
                             0.1,
                             1.0 / 3,
                             123456.789,
                             1e-12,
                             1e15,
                             1e16};
  const double base = 1 + static_cast<double>(random() % 5'000) / 7;
  const double power = std::pow(10.0, static_cast<double>(random() % 13));
  const bool ups_and_downs = random() % 2 == 0;
  std::vector<double> out;
  double level = 0;
  double speed = 0;
  bool on = false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<double>(i);
    double v = 0;
    switch (kind) {
      case ValueKind::kConstant:
        v = base;
        break;
      case ValueKind::kRamp:
        v = std::round(base + 25 * at) / 100;
        break;
      case ValueKind::kNoise:
        v = std::round(base * 100 + 9 * normal(random)) / 100;
        break;
      case ValueKind::kWalk:
        v = std::round(level += 4 * normal(random)) / 10;
        break;
      case ValueKind::kSmooth:
        speed = 0.7 * speed + normal(random);
        v = std::round(100 * (base + (level += 0.1 * speed))) / 100;
        break;
      case ValueKind::kCounter:
        if (random() % 40 == 0) on = !on;
        v = level += on ? 0 : static_cast<double>(20 + random() % 5);
        break;
      case ValueKind::kSwitch:
        v = (on = random() % 30 == 0 ? !on : on) ? 1 : 0;
        break;
      case ValueKind::kReal:
        v = base * std::exp(0.05 * normal(random));
        break;
      case ValueKind::kSmoothReal:
        v = base + std::sin(at / 50);
        break;
      case ValueKind::kFloat:
        v = static_cast<float>((ups_and_downs ? 0 : base) + normal(random));
        break;
      case ValueKind::kExtremes:
        v = extremes[random() % std::size(extremes)];
        break;
      case ValueKind::kBits:
        v = std::bit_cast<double>(random());
        break;
      case ValueKind::kDecimals:
        v = std::round(base * power + 1'000 * normal(random)) / power;
        break;
      case ValueKind::kMixed:
        v = random() % 50 == 0 ? extremes[random() % std::size(extremes)]
                               : std::round(base * 10 + normal(random)) / 10;
        break;
      case ValueKind::kSteps:
        if (random() % 9 == 0) level = static_cast<double>(random() % 7) * 0.0625;
        v = ups_and_downs ? -level : level;
        break;
      case ValueKind::kScaledCounts:
        v = std::round(9'000 + 12 * normal(random)) * 10 / 27'648;
        break;
      case ValueKind::kFloatDecimals:
        v = static_cast<float>(std::round(base * 10 + 5 * normal(random)) / 100);
        break;
      case ValueKind::kAroundZero:
        v = std::round(0.8 * normal(random)) / power;
        break;
      case ValueKind::kCount:
        break;
    }
    out.push_back(v);
  }
  return out;
}

inline SampleColumns make_samples(TimeKind time, ValueKind value, std::size_t count,
                                  std::mt19937_64& random) {
  return {make_times(time, count, random), make_values(value, count, random)};
}

inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

inline Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

/// Puts a right checksum at the end of damaged bytes, so that decoding goes on.
inline void seal(Bytes& bytes) {
  const std::size_t size = bytes.size() - sizeof(std::uint32_t);
  const std::uint32_t crc = crc32c(std::span(bytes).first(size));
  std::memcpy(bytes.data() + size, &crc, sizeof crc);
}

}  // namespace millwright::testing
