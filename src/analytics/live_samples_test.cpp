#include "analytics/live_samples.h"

#include <gtest/gtest.h>

#include "analytics/testing/analytics_fixture.h"

namespace millwright {
namespace {

using namespace std::chrono_literals;

/// A subscriber that notes what it hears.
struct Listener {
  std::vector<std::vector<LiveColumns>> messages;
  int completed = 0;

  LiveSink sink() {
    return {[this](const std::vector<LiveColumns>& message) { messages.push_back(message); },
            [this] { ++completed; }};
  }
};

class LiveSamplesTest : public ::testing::Test {
 protected:
  static LiveFilter filter(std::string_view path = "", std::string_view device = "000001") {
    return {testing::tenant("100000"), testing::device(device), testing::path(path)};
  }
  static Metric metric(std::string_view path, std::string_view name, std::int64_t series) {
    return {SeriesId{series},
            {testing::device("000001"), testing::path(path), MetricId::parse(name).value()},
            "°C",
            "",
            MetricType::kNumericScalar};
  }
  static std::shared_ptr<const Message> stored(const Metric& metric, SampleColumns samples,
                                               std::string_view tenant = "100000") {
    return std::make_shared<const Message>(
        SamplesStored{testing::tenant(tenant), {{metric, std::move(samples)}}, {}});
  }
  static SampleColumns at(std::vector<std::int64_t> times) {
    std::vector<double> values(times.begin(), times.end());
    return {std::move(times), std::move(values)};
  }

  const Metric temperature_ = metric("conveyor.motor1", "temperature", 1);
  const Metric humidity_ = metric("conveyor", "humidity", 2);
  ManualClock clock_{from_us(1'000'000'000)};
  LiveSamples live_{clock_, 100ms, 1'000};
  Listener listener_;
};

TEST_F(LiveSamplesTest, SendsTheFirstSamplesAtOnceAndTheNextAfterAnInterval) {
  const auto handle = live_.add(filter(), listener_.sink());
  EXPECT_TRUE(live_.publish(stored(temperature_, at({1, 2}))));
  EXPECT_FALSE(live_.flush());
  ASSERT_EQ(listener_.messages.size(), 1U);

  clock_.advance(30ms);
  live_.publish(stored(temperature_, at({3})));
  EXPECT_EQ(live_.flush(), clock_.steady_now() + 70ms);
  EXPECT_EQ(listener_.messages.size(), 1U);

  clock_.advance(70ms);
  live_.publish(stored(temperature_, at({4})));
  EXPECT_FALSE(live_.flush());
  ASSERT_EQ(listener_.messages.size(), 2U);
  EXPECT_EQ(listener_.messages[1][0].samples.timestamp_us, (std::vector<std::int64_t>{3, 4}));
}

TEST_F(LiveSamplesTest, SendsAtMostTenMessagesASecondAndEverySample) {
  const auto handle = live_.add(filter(), listener_.sink());
  for (std::int64_t i = 0; i < 1'000; ++i) {
    live_.publish(stored(temperature_, at({i})));
    live_.flush();
    clock_.advance(1ms);
  }
  clock_.advance(100ms);
  live_.flush();
  EXPECT_LE(listener_.messages.size(), 11U);
  std::vector<std::int64_t> heard;
  for (const auto& message : listener_.messages) {
    const auto& times = message.at(0).samples.timestamp_us;
    heard.insert(heard.end(), times.begin(), times.end());
  }
  ASSERT_EQ(heard.size(), 1'000U);
  EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end()));
  EXPECT_EQ(live_.left_out(), 0U);
}

TEST_F(LiveSamplesTest, SortsAMessageByTimeAndKeepsTheNewestOfEqualTimes) {
  const auto handle = live_.add(filter(), listener_.sink());
  live_.publish(stored(temperature_, {{30, 10, 20}, {3, 1, 2}}));
  live_.publish(stored(temperature_, {{20}, {99}}));
  live_.flush();
  const SampleColumns& columns = listener_.messages.at(0).at(0).samples;
  EXPECT_EQ(columns.timestamp_us, (std::vector<std::int64_t>{10, 20, 30}));
  EXPECT_EQ(columns.value, (std::vector<double>{1, 99, 3}));
}

TEST_F(LiveSamplesTest, SendsOnlyTheSubtreeOfTheDeviceAndTenant) {
  const auto handle = live_.add(filter("conveyor.motor1"), listener_.sink());
  Listener other;
  const auto elsewhere = live_.add(filter("", "000002"), other.sink());
  live_.publish(stored(humidity_, at({1})));
  live_.publish(stored(temperature_, at({2})));
  EXPECT_FALSE(live_.publish(stored(temperature_, at({3}), "200000")));
  live_.flush();
  ASSERT_EQ(listener_.messages.size(), 1U);
  ASSERT_EQ(listener_.messages[0].size(), 1U);
  EXPECT_EQ(listener_.messages[0][0].metric.key, temperature_.key);
  EXPECT_EQ(listener_.messages[0][0].samples.size(), 1U);
  EXPECT_TRUE(other.messages.empty());
}

TEST_F(LiveSamplesTest, ExpandsABurstToItsSamples) {
  const auto handle = live_.add(filter(), listener_.sink());
  live_.publish(std::make_shared<const Message>(SamplesStored{
      testing::tenant("100000"), {}, {{temperature_, Waveform{1'000, 5'000, {1.5F, 2.5F}}}}}));
  live_.flush();
  const SampleColumns& columns = listener_.messages.at(0).at(0).samples;
  EXPECT_EQ(columns.timestamp_us, (std::vector<std::int64_t>{1'000, 1'200}));
  EXPECT_EQ(columns.value, (std::vector<double>{1.5, 2.5}));
}

TEST_F(LiveSamplesTest, APausedReaderGetsTheNewestOfEachSeriesLater) {
  const auto handle = live_.add(filter(), listener_.sink());
  handle->pause(true);
  live_.publish(stored(humidity_, at({1})));
  for (std::int64_t t = 0; t < 5'000; ++t) {
    live_.publish(stored(temperature_, at({t})));
    if (t % 100 == 0) {
      EXPECT_TRUE(live_.flush());
    }
  }
  EXPECT_TRUE(listener_.messages.empty());

  handle->pause(false);
  clock_.advance(100ms);
  live_.flush();
  ASSERT_EQ(listener_.messages.size(), 1U);
  ASSERT_EQ(listener_.messages[0].size(), 2U);
  const SampleColumns& humidity = listener_.messages[0][0].samples;
  const SampleColumns& temperature = listener_.messages[0][1].samples;
  EXPECT_EQ(humidity.size(), 1U);  // a quiet series loses nothing to a loud one
  EXPECT_LE(temperature.size(), 1'000U);
  EXPECT_EQ(temperature.timestamp_us.back(), 4'999);
  EXPECT_EQ(live_.left_out(), 5'000 - temperature.size());
}

TEST_F(LiveSamplesTest, ARemovedDeviceCompletesItsSubscribersOnce) {
  const auto handle = live_.add(filter(), listener_.sink());
  live_.publish(std::make_shared<const Message>(
      DeviceRemoved{testing::tenant("100000"), testing::device("000001")}));
  live_.flush();
  EXPECT_EQ(listener_.completed, 1);
  EXPECT_EQ(live_.subscribers(), 0U);
  live_.complete_all();
  EXPECT_EQ(listener_.completed, 1);
  EXPECT_FALSE(live_.publish(stored(temperature_, at({1}))));
}

TEST_F(LiveSamplesTest, ADroppedHandleHearsNothingMore) {
  auto handle = live_.add(filter(), listener_.sink());
  live_.publish(stored(temperature_, at({1})));
  handle.reset();
  live_.flush();
  EXPECT_TRUE(listener_.messages.empty());
  EXPECT_EQ(listener_.completed, 0);
}

}  // namespace
}  // namespace millwright
