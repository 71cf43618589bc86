#include "storage/testing/reference_load.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

namespace millwright::testing {
namespace {

/// Jitter and values of some devices over some hours, [series][tick].
class ReferenceLoadStatistics : public ::testing::Test {
 protected:
  static constexpr int kDevices = 5, kMetrics = 100, kTicks = 1'500;

  void SetUp() override {
    const unsigned seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    ReferenceLoad load(seed, kDevices, kMetrics);
    jitter.resize(load.series_count());
    value.resize(load.series_count());
    SampleBatch minute;
    for (int tick = 0; tick < kTicks; ++tick) {
      load.next_minute(minute);
      for (std::size_t i = 0; i < load.series_count(); ++i) {
        jitter[i].push_back(static_cast<double>(minute.columns.timestamp_us[i] - load.start_us() -
                                                tick * ReferenceLoad::kTickUs) /
                            1000);
        value[i].push_back(minute.columns.value[i]);
      }
    }
    // What is left is the device's offset and the jitter; the middle of the extremes is the offset.
    for (std::size_t device = 0; device < kDevices; ++device) {
      double low = 1e9, high = -1e9;
      for (std::size_t i = device * kMetrics; i < (device + 1) * kMetrics; ++i) {
        low = std::min(low, *std::min_element(jitter[i].begin(), jitter[i].end()));
        high = std::max(high, *std::max_element(jitter[i].begin(), jitter[i].end()));
      }
      ASSERT_EQ(high - low, 30);
      ASSERT_GE(low + 15, 500);
      ASSERT_LE(low + 15, 59'500);
      for (std::size_t i = device * kMetrics; i < (device + 1) * kMetrics; ++i) {
        for (double& ms : jitter[i]) ms -= low + 15;
      }
    }
  }

  /// Of pairs of jitters; its spread is 1 / sqrt(number of pairs) where they are independent.
  template <typename Other>
  void expect_uncorrelated(Other other) {
    double product = 0, pairs = 0;
    for (std::size_t i = 0; i < jitter.size(); ++i) {
      for (std::size_t tick = 0; tick < kTicks; ++tick) {
        const auto [series, at] = other(i, tick);
        if (series >= jitter.size() || at >= kTicks) continue;
        product += jitter[i][tick] * jitter[series][at];
        ++pairs;
      }
    }
    const double variance = (31.0 * 31 - 1) / 12;
    EXPECT_LT(std::abs(product / pairs / variance), 6 / std::sqrt(pairs));
  }

  std::vector<std::vector<double>> jitter, value;
};

TEST_F(ReferenceLoadStatistics, JitterIsUniformOverItsMilliseconds) {
  std::map<double, double> counts;
  for (const auto& series : jitter) {
    for (const double ms : series) ++counts[ms];
  }
  ASSERT_EQ(counts.size(), 31u);
  EXPECT_EQ(counts.begin()->first, -15);
  const double expected = kDevices * kMetrics * kTicks / 31.0;
  double chi_squared = 0;
  for (const auto& [ms, count] : counts) {
    chi_squared += (count - expected) * (count - expected) / expected;
  }
  // 30 degrees of freedom: mean 30, spread 7.7; beyond 100 once in 10^9.
  EXPECT_LT(chi_squared, 100);
}

TEST_F(ReferenceLoadStatistics, JitterIsIndependentOfNeighbours) {
  using Place = std::pair<std::size_t, std::size_t>;
  expect_uncorrelated([](std::size_t i, std::size_t tick) { return Place{i + 1, tick}; });
  expect_uncorrelated([](std::size_t i, std::size_t tick) { return Place{i + 100, tick}; });
  expect_uncorrelated([](std::size_t i, std::size_t tick) { return Place{i, tick + 1}; });
  expect_uncorrelated([](std::size_t i, std::size_t tick) { return Place{i + 1, tick + 1}; });
  expect_uncorrelated([](std::size_t i, std::size_t tick) { return Place{i + 1, tick - 1}; });
}

/// Of pairs (jitter, next jitter) no cell of the 31 x 31 is rarer or more frequent than chance: a
/// dependence need not be a correlation.
TEST_F(ReferenceLoadStatistics, PairsOfJitterFillTheSquareEvenly) {
  std::array<std::array<double, 31>, 31> in_time{}, in_series{};
  for (std::size_t i = 0; i + 1 < jitter.size(); ++i) {
    for (std::size_t tick = 0; tick + 1 < kTicks; ++tick) {
      const auto row = static_cast<std::size_t>(jitter[i][tick] + 15);
      ++in_time[row][static_cast<std::size_t>(jitter[i][tick + 1] + 15)];
      ++in_series[row][static_cast<std::size_t>(jitter[i + 1][tick] + 15)];
    }
  }
  const double expected = (kDevices * kMetrics - 1) * (kTicks - 1) / 961.0;
  for (const auto* cells : {&in_time, &in_series}) {
    double chi_squared = 0;
    for (const auto& row : *cells) {
      for (const double count : row) {
        chi_squared += (count - expected) * (count - expected) / expected;
      }
    }
    // 960 degrees of freedom: spread 44.
    EXPECT_LT(chi_squared, 960 + 7 * 44);
  }
}

TEST_F(ReferenceLoadStatistics, EachKindBehavesAsItsDefinitionSays) {
  double minutes = 0, flips = 0, running = 0, counted = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto& v = value[i];
    const ReferenceKind kind = reference_kind(static_cast<int>(i % kMetrics));
    for (std::size_t tick = 1; tick < kTicks; ++tick) {
      const double step = v[tick] - v[tick - 1];
      switch (kind) {
        case ReferenceKind::kTemperature:
        case ReferenceKind::kHumidity:
          ASSERT_EQ(v[tick], std::round(v[tick] * 100) / 100) << "two decimals";
          ASSERT_LT(std::abs(step), 3);
          break;
        case ReferenceKind::kCounter:
          ASSERT_EQ(v[tick], std::floor(v[tick]));
          ASSERT_TRUE(step == 0 || (step >= 4 && step <= 66)) << step;
          running += step > 0;
          ++counted;
          break;
        case ReferenceKind::kSwitch:
          ASSERT_TRUE(v[tick] == 0 || v[tick] == 1);
          flips += step != 0;
          ++minutes;
          break;
        case ReferenceKind::kVibration:
          ASSERT_GT(v[tick], 0);
          ASSERT_NE(v[tick], std::round(v[tick] * 100) / 100) << "not rounded";
          break;
      }
    }
  }
  EXPECT_NEAR(flips / minutes, 1.0 / 45, 0.0035);
  EXPECT_NEAR(running / counted, 0.047 / (0.047 + 0.016), 0.05);
}

TEST_F(ReferenceLoadStatistics, SensorsFollowTheirRecursion) {
  // The autocorrelation of the steps of ARMA(2,1) at lag 1, against that of its own formula found
  // by its impulse response.
  std::vector<double> response{1, 1.9};
  while (response.size() < 3'000) {
    const std::size_t n = response.size();
    response.push_back(1.60 * response[n - 1] - 0.605 * response[n - 2]);
  }
  const auto step_covariance = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t n = 0; n + lag < response.size(); ++n) {
      const double now = response[n] - (n == 0 ? 0 : response[n - 1]);
      sum += now * (response[n + lag] - (n + lag == 0 ? 0 : response[n + lag - 1]));
    }
    return sum;
  };
  double at_0 = 0, at_1 = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i % 4 > 1) continue;
    const auto& v = value[i];
    double scale = 0, product = 0;
    for (std::size_t tick = 2; tick < kTicks; ++tick) {
      const double step = v[tick] - v[tick - 1];
      scale += step * step;
      product += step * (v[tick - 1] - v[tick - 2]);
    }
    at_0 += 1;
    at_1 += product / scale;
  }
  EXPECT_NEAR(at_1 / at_0, step_covariance(1) / step_covariance(0), 0.02);
}

TEST(ReferenceLoad, KindsHaveTheirShares) {
  std::map<ReferenceKind, int> count;
  for (int metric = 0; metric < 100; ++metric) ++count[reference_kind(metric)];
  EXPECT_EQ(count[ReferenceKind::kTemperature], 25);
  EXPECT_EQ(count[ReferenceKind::kHumidity], 25);
  EXPECT_EQ(count[ReferenceKind::kCounter], 13);
  EXPECT_EQ(count[ReferenceKind::kSwitch], 12);
  EXPECT_EQ(count[ReferenceKind::kVibration], 25);
}

TEST(ReferenceLoad, IsTheSameForTheSameSeedAndAnotherForAnother) {
  ReferenceLoad one(7, 2, 16), same(7, 2, 16), other(8, 2, 16);
  SampleBatch a, b, c;
  for (int tick = 0; tick < 10; ++tick) {
    one.next_minute(a);
    same.next_minute(b);
    other.next_minute(c);
    EXPECT_EQ(a.columns.timestamp_us, b.columns.timestamp_us);
    EXPECT_EQ(a.columns.value, b.columns.value);
    EXPECT_NE(a.columns.timestamp_us, c.columns.timestamp_us);
    EXPECT_NE(a.columns.value, c.columns.value);
  }
  ASSERT_EQ(a.runs.size(), 32u);
  EXPECT_EQ(a.runs[0].series, SeriesId{1});
  EXPECT_EQ(a.runs[17].series, one.series(1, 1));
  EXPECT_EQ(a.runs[17].count, 1u);
}

}  // namespace
}  // namespace millwright::testing
