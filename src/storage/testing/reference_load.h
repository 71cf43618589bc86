#pragma once
/// The reference load W: what stores and codecs are measured with, the same for everybody.
///
/// Devices with metrics, one sample of each series a minute. Each device has a fixed offset in the
/// minute (0.5 to 59.5 s); each sample has a jitter of -15 to +15 ms, uniform, whole milliseconds.
/// The metric's number m decides the kind (see reference_kind()):
///
///   m mod 4 = 0, 1  sensor: ARMA(2,1), x = 1.60 x1 - 0.605 x2 + e + 0.3 e1, standard deviation of
///                   e 0.02 to 0.20, about a mean of 15 to 45 (m mod 4 = 0) or 35 to 65, rounded to
///                   two decimals
///   m mod 8 = 2     counter: whole, starts up to 10^6, 5 to 60 a minute, each minute +-10 %; stops
///                   with 1.6 % a minute, goes on with 4.7 %
///   m mod 8 = 6     switch: 0 or 1, flips once in 45 minutes on average
///   m mod 4 = 3     vibration RMS: mean x (1 + 0.1 s) x exp(sigma n), mean 0.5 to 4.5, sigma 0.02
///                   to 0.07, n normal, s an AR(1) with 0.98 and innovations of 0.2; not rounded
///
/// Parameters are uniform in their ranges, of each series. Every random number is a hash of (seed,
/// series, tick, purpose): no two series and no two ticks share a stream, so nothing but the
/// processes above can be predicted from neighbours. The same seed gives the same bits on the same
/// C library.
///
/// Source of the generator: Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014 (SplitMix64's finaliser); normals by Box and Muller (1958).
/// Threads: none; give each thread its own.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "storage/sample_store.h"

namespace millwright::testing {

enum class ReferenceKind : std::uint8_t { kTemperature, kHumidity, kCounter, kSwitch, kVibration };

constexpr ReferenceKind reference_kind(int metric) {
  switch (metric % 4) {
    case 0:
      return ReferenceKind::kTemperature;
    case 1:
      return ReferenceKind::kHumidity;
    case 3:
      return ReferenceKind::kVibration;
    default:
      return metric % 8 == 2 ? ReferenceKind::kCounter : ReferenceKind::kSwitch;
  }
}

/// Random numbers of one series, each found by its tick and its purpose.
class ReferenceRandom {
 public:
  ReferenceRandom(std::uint64_t seed, std::int64_t series)
      : key_(mixed(mixed(seed + kStep) ^ (static_cast<std::uint64_t>(series) * kStep))) {}

  std::uint64_t bits(std::int64_t tick, std::uint64_t purpose) const {
    const std::uint64_t counter = static_cast<std::uint64_t>(tick) * kPurposes + purpose;
    return mixed(mixed(key_ + counter * kStep) ^ key_);
  }
  /// In [0, 1).
  double uniform(std::int64_t tick, std::uint64_t purpose) const {
    return static_cast<double>(bits(tick, purpose) >> 11) * 0x1p-53;
  }
  double uniform(std::int64_t tick, std::uint64_t purpose, double low, double high) const {
    return low + (high - low) * uniform(tick, purpose);
  }
  /// Standard normal; uses `purpose` and the one after it.
  double normal(std::int64_t tick, std::uint64_t purpose) const {
    return std::sqrt(-2 * std::log1p(-uniform(tick, purpose))) *
           std::cos(2 * std::numbers::pi * uniform(tick, purpose + 1));
  }
  /// Whole, in [0, n), n at most 2^32.
  std::uint64_t below(std::int64_t tick, std::uint64_t purpose, std::uint64_t n) const {
    return ((bits(tick, purpose) >> 32) * n) >> 32;
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  static constexpr std::uint64_t kPurposes = 8;
  static constexpr std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  std::uint64_t key_;
};

/// One series, minute after minute.
class ReferenceSeries {
 public:
  ReferenceSeries(std::uint64_t seed, std::int64_t series, int metric)
      : random_(seed, series), kind_(reference_kind(metric)) {
    switch (kind_) {
      case ReferenceKind::kTemperature:
      case ReferenceKind::kHumidity: {
        const double low = kind_ == ReferenceKind::kTemperature ? 15 : 35;
        mean_ = parameter(0, low, low + 30);
        spread_ = parameter(1, 0.02, 0.20);
        // Long enough to forget that it started at its mean: 0.987 (the larger root) ^ 500 < 0.002.
        for (std::int64_t tick = -500; tick < 0; ++tick) step_sensor(tick);
        break;
      }
      case ReferenceKind::kCounter:
        x_ = std::floor(parameter(0, 0, 1e6 + 1));
        mean_ = parameter(1, 5, 60);
        on_ = true;
        break;
      case ReferenceKind::kSwitch:
        on_ = parameter(0, 0, 1) < 0.5;
        break;
      case ReferenceKind::kVibration:
        mean_ = parameter(0, 0.5, 4.5);
        spread_ = parameter(1, 0.02, 0.07);
        // The AR(1)'s own spread, so that it starts as it goes on.
        x_ = 0.2 / std::sqrt(1 - 0.98 * 0.98) * random_.normal(kParameters, 2);
        break;
    }
  }

  /// -15 to +15.
  int jitter_ms(std::int64_t tick) const {
    return static_cast<int>(random_.below(tick, kJitter, 31)) - 15;
  }

  /// The value of this tick. Ticks are asked for once each, in order, from 0.
  double next_value(std::int64_t tick) {
    switch (kind_) {
      case ReferenceKind::kTemperature:
      case ReferenceKind::kHumidity:
        step_sensor(tick);
        return std::round((mean_ + x_) * 100) / 100;
      case ReferenceKind::kCounter:
        if (random_.uniform(tick, kFlip) < (on_ ? 0.016 : 0.047)) on_ = !on_;
        if (on_) x_ += std::round(mean_ * random_.uniform(tick, kValue, 0.9, 1.1));
        return x_;
      case ReferenceKind::kSwitch:
        if (random_.uniform(tick, kFlip) < 1.0 / 45) on_ = !on_;
        return on_ ? 1 : 0;
      case ReferenceKind::kVibration:
        x_ = 0.98 * x_ + 0.2 * random_.normal(tick, kValue);
        return mean_ * (1 + 0.1 * x_) * std::exp(spread_ * random_.normal(tick, kSecondValue));
    }
    return 0;
  }

 private:
  static constexpr std::uint64_t kJitter = 0, kFlip = 1, kValue = 2, kSecondValue = 4;
  /// A tick that no sample has.
  static constexpr std::int64_t kParameters = -1'000'000;

  double parameter(std::uint64_t number, double low, double high) const {
    return random_.uniform(kParameters, number, low, high);
  }
  void step_sensor(std::int64_t tick) {
    const double e = spread_ * random_.normal(tick, kValue);
    const double x = 1.60 * x_ - 0.605 * x_before_ + e + 0.3 * e_before_;
    x_before_ = x_;
    x_ = x;
    e_before_ = e;
  }

  ReferenceRandom random_;
  ReferenceKind kind_;
  bool on_ = false;
  double mean_ = 0, spread_ = 0;
  double x_ = 0, x_before_ = 0, e_before_ = 0;
};

/// All series of W.
class ReferenceLoad {
 public:
  /// 2026-01-01T00:00:00Z.
  static constexpr std::int64_t kStartUs = 1'767'225'600'000'000;
  static constexpr std::int64_t kTickUs = 60'000'000;

  explicit ReferenceLoad(std::uint64_t seed, int devices = 100, int metrics = 100,
                         std::int64_t start_us = kStartUs)
      : start_us_(start_us), devices_(devices), metrics_(metrics) {
    series_.reserve(static_cast<std::size_t>(devices) * static_cast<std::size_t>(metrics));
    for (int device = 0; device < devices; ++device) {
      // Devices number their own randomness below the series, which start at 1.
      const ReferenceRandom random(seed, -1 - device);
      offset_ms_.push_back(500 + static_cast<std::int64_t>(random.below(0, 0, 59'001)));
      for (int metric = 0; metric < metrics; ++metric) {
        series_.emplace_back(seed, static_cast<std::int64_t>(series(device, metric)), metric);
      }
    }
  }

  int devices() const { return devices_; }
  int metrics() const { return metrics_; }
  std::size_t series_count() const { return series_.size(); }
  SeriesId series(int device, int metric) const {
    return SeriesId{1 + std::int64_t{device} * metrics_ + metric};
  }
  std::int64_t start_us() const { return start_us_; }
  /// The minutes that have been made, and the instant where they end.
  std::int64_t ticks() const { return tick_; }
  std::int64_t end_us() const { return start_us_ + tick_ * kTickUs; }

  /// Replaces `out` by the next minute: one sample of each series, device after device.
  void next_minute(SampleBatch& out) {
    out.runs.resize(series_.size());
    out.columns.timestamp_us.resize(series_.size());
    out.columns.value.resize(series_.size());
    std::size_t i = 0;
    for (int device = 0; device < devices_; ++device) {
      const std::int64_t at_us =
          end_us() + offset_ms_[static_cast<std::size_t>(device)] * std::int64_t{1000};
      for (int metric = 0; metric < metrics_; ++metric, ++i) {
        out.runs[i] = {series(device, metric), 1};
        out.columns.timestamp_us[i] = at_us + series_[i].jitter_ms(tick_) * 1000;
        out.columns.value[i] = series_[i].next_value(tick_);
      }
    }
    ++tick_;
  }

 private:
  std::int64_t start_us_;
  int devices_;
  int metrics_;
  std::int64_t tick_ = 0;
  std::vector<std::int64_t> offset_ms_;
  std::vector<ReferenceSeries> series_;
};

}  // namespace millwright::testing
