#include "analyst/replay/sample_replay.h"

#include <gtest/gtest.h>

#include "analyst/replay/testing/stored_tenant.h"

namespace millwright {
namespace {

using testing::kDayUs;
using testing::kFirstUs;
using testing::kMinuteUs;
using testing::StoredTenant;

class SampleReplayTest : public ::testing::TestWithParam<std::string> {
 protected:
  /// What came, by series; checks that time never goes back and no minute comes twice.
  struct Heard {
    std::map<SeriesId, SampleColumns> samples;
    std::map<SeriesId, std::vector<std::int64_t>> bursts;
    std::vector<std::int64_t> newest_us;
  };
  Heard hear(std::span<const Metric> metrics, const ReplayOptions& options) {
    Heard heard;
    auto done = replay_samples(
        factory_.store(), metrics, options,
        [&](const SamplesStored& stored, std::int64_t newest_us) -> Result<> {
          std::int64_t newest_seen_us = 0;
          for (const auto& [metric, samples] : stored.scalars) {
            for (std::size_t i = 0; i < samples.size(); ++i) {
              heard.samples[metric.series].append(samples.timestamp_us[i], samples.value[i]);
              newest_seen_us = std::max(newest_seen_us, samples.timestamp_us[i]);
            }
          }
          for (const auto& [metric, block] : stored.waveforms) {
            heard.bursts[metric.series].push_back(block.start_us);
            newest_seen_us = std::max(newest_seen_us, block.start_us);
          }
          EXPECT_EQ(newest_us, newest_seen_us);
          if (!heard.newest_us.empty()) {
            EXPECT_LT(heard.newest_us.back() / kMinuteUs, newest_us / kMinuteUs);
          }
          heard.newest_us.push_back(newest_us);
          return {};
        });
    EXPECT_TRUE(done) << done.error().message;
    if (done) done_ = std::move(done).value();
    return heard;
  }
  ReplayOptions days(int count) const {
    ReplayOptions options;
    options.range = {kFirstUs, kFirstUs + count * kDayUs};
    return options;
  }

  StoredTenant factory_{GetParam()};
  Replayed done_;
};

TEST_P(SampleReplayTest, GivesEverySampleOnceInOrderHoweverLittleMemoryThereIs) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  signal::RandomSource random(seed);
  std::vector<Metric> metrics{factory_.metric("line.press", "force"),
                              factory_.metric("line", "speed"),
                              factory_.metric("line", "shock", MetricType::kWaveform)};
  std::map<SeriesId, std::size_t> written;
  for (int m = 0; m < 2; ++m) {
    SampleColumns samples;
    std::int64_t at_us = kFirstUs;
    while (at_us < kFirstUs + 3 * kDayUs) {
      samples.append(at_us, random.normal());
      at_us += 1 + static_cast<std::int64_t>(random.uniform() * 400e6);
    }
    factory_.write(metrics[static_cast<std::size_t>(m)], samples);
    written[metrics[static_cast<std::size_t>(m)].series] = samples.size();
  }
  for (int i = 0; i < 50; ++i) {
    factory_.write(metrics[2], Waveform{kFirstUs + i * 3'600'000'000 + 7, 1'000.0,
                                        std::vector<float>(64, static_cast<float>(i))});
  }
  const Heard whole = hear(metrics, days(3));
  EXPECT_EQ(whole.samples.at(metrics[0].series).size(), written[metrics[0].series]);
  EXPECT_EQ(whole.samples.at(metrics[1].series).size(), written[metrics[1].series]);
  EXPECT_EQ(whole.bursts.at(metrics[2].series).size(), 50U);
  EXPECT_EQ(done_.samples, written[metrics[0].series] + written[metrics[1].series] + 50 * 64);
  EXPECT_EQ(done_.series.size(), 3U);

  ReplayOptions little = days(3);
  little.samples_at_once = 300;
  const Heard pieces = hear(metrics, little);
  EXPECT_EQ(pieces.newest_us, whole.newest_us);
  for (int m = 0; m < 2; ++m) {
    const SeriesId series = metrics[static_cast<std::size_t>(m)].series;
    EXPECT_EQ(pieces.samples.at(series).timestamp_us, whole.samples.at(series).timestamp_us);
    EXPECT_EQ(pieces.samples.at(series).value, whole.samples.at(series).value);
  }
}

TEST_P(SampleReplayTest, OnlyTheRangeIsReplayedAndPausesAreNotWatched) {
  const Metric force = factory_.metric("line", "force");
  SampleColumns samples;
  for (const int day : {0, 1, 5, 6}) samples.append(kFirstUs + day * kDayUs, 1.0);
  factory_.write(force, samples);
  const std::vector<Metric> metrics{force};
  EXPECT_EQ(hear(metrics, days(10)).newest_us.size(), 4U);
  EXPECT_EQ(done_.watched, std::chrono::days(2));
  EXPECT_EQ(hear(metrics, days(6)).newest_us.size(), 3U) << "the end does not belong to it";
}

TEST_P(SampleReplayTest, WithoutSamplesNothingComes) {
  const std::vector<Metric> metrics{factory_.metric("line", "force")};
  EXPECT_TRUE(hear(metrics, days(90)).newest_us.empty());
  EXPECT_EQ(done_.watched.count(), 0);
  EXPECT_TRUE(hear({}, days(90)).newest_us.empty());
}

TEST_P(SampleReplayTest, AMinuteWithTooManySamplesIsNamed) {
  const Metric force = factory_.metric("line", "force");
  SampleColumns samples;
  for (int i = 0; i < 100; ++i) samples.append(kFirstUs + i, 1.0);
  factory_.write(force, samples);
  ReplayOptions options = days(1);
  options.samples_at_once = 50;
  const auto done = replay_samples(factory_.store(), std::span(&force, 1), options,
                                   [](const SamplesStored&, std::int64_t) { return Result<>(); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kResourceExhausted);
  EXPECT_NE(done.error().message.find(format_utc(from_us(kFirstUs))), std::string::npos)
      << done.error().message;
}

TEST_P(SampleReplayTest, ItStopsWhenToldAndSaysHowFarItIs) {
  const Metric force = factory_.metric("line", "force");
  factory_.write(force, StoredTenant::wandering(1'440, 1, [](int) { return 0.0; }));
  std::stop_source stop;
  std::vector<double> shares;
  ReplayOptions options = days(1);
  options.stop = stop.get_token();
  options.progress = [&](double share) { shares.push_back(share); };
  int minutes = 0;
  const auto visit = [&](const SamplesStored&, std::int64_t) {
    if (++minutes == 700) stop.request_stop();
    return Result<>();
  };
  const auto done = replay_samples(factory_.store(), std::span(&force, 1), options, visit);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(minutes, 700);
  ASSERT_FALSE(shares.empty());
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_LT(shares.back(), 0.5);
}

INSTANTIATE_TEST_SUITE_P(Stores, SampleReplayTest, ::testing::Values("memory", "sqlite"),
                         [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace millwright
