#include "analyst/analyst.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analyst/testing/analyst_fixture.h"
#include "analyst/work_queue.h"
#include "base/log.h"
#include "registry/memory/memory_model_registry.h"

namespace millwright {
namespace {

using testing::AnalystFixture;

constexpr std::int64_t kSecond = 1'000'000;

/// What was logged while it lives.
class LogNotes {
 public:
  LogNotes() {
    log::set_sink([this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
    });
  }
  ~LogNotes() {
    log::set_sink([](std::string_view line) {
      std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    });
  }
  std::size_t count(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(),
        [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

SampleColumns steady(int first, int count, double offset) {
  SampleColumns samples;
  for (int i = first; i < first + count; ++i) {
    samples.append(i * kSecond, 20 + 0.1 * std::sin(i * 12.9898) + offset);
  }
  return samples;
}

TEST(Analyst, JudgesWhatIsPublishedAndSavesAtStop) {
  AnalystFixture factory;
  telemetry::Telemetry telemetry;
  MemoryModelRegistry registry(factory.clock);
  Analyst analyst(factory.directory, factory.bus, &registry, factory.clock, telemetry);
  analyst.start();
  const Metric metric = factory.metric("motor", "temperature");
  factory.bus.publish(factory.stored({{metric, steady(0, 400, 0)}}));
  factory.bus.publish(factory.stored({{metric, steady(400, 3, 15)}}));
  analyst.drain();
  EXPECT_EQ(factory.kept_anomalies().size(), 1U);
  EXPECT_NE(telemetry.exposition().find("millwright_analyst_samples_total 403"), std::string::npos);
  analyst.stop();
  const auto saved = factory.store->catalog().state("analyst.detectors.000001");
  ASSERT_TRUE(saved);
  EXPECT_TRUE(saved->has_value());
}

TEST(Analyst, SaysOnceThatNoModelIsLive) {
  AnalystFixture factory;
  telemetry::Telemetry telemetry;
  MemoryModelRegistry registry(factory.clock);
  LogNotes notes;
  {
    Analyst analyst(factory.directory, factory.bus, &registry, factory.clock, telemetry);
    analyst.start();
    const Metric metric = factory.metric("motor", "temperature");
    for (int i = 0; i < 3; ++i) {
      factory.clock.advance(std::chrono::seconds(61));
      factory.bus.publish(factory.stored({{metric, steady(i, 1, 0)}}));
      analyst.drain();
    }
  }
  EXPECT_EQ(notes.count("no model is live"), 1U);
}

TEST(Analyst, RunsWithoutARegistry) {
  AnalystFixture factory;
  telemetry::Telemetry telemetry;
  Analyst analyst(factory.directory, factory.bus, nullptr, factory.clock, telemetry);
  analyst.start();
  factory.bus.publish(factory.stored({{factory.metric("m", "t"), steady(0, 10, 0)}}));
  analyst.drain();
  EXPECT_NE(telemetry.exposition().find("millwright_analyst_samples_total 10"), std::string::npos);
}

TEST(Analyst, AModelThatIsNoneIsLeftOutAndNamed) {
  AnalystFixture factory;
  telemetry::Telemetry telemetry;
  MemoryModelRegistry registry(factory.clock);
  const std::vector<std::byte> bytes(100, std::byte{0x80});
  const auto put = registry.put("pump", std::nullopt, bytes, nlohmann::json::object());
  ASSERT_TRUE(put) << put.error().message;
  ASSERT_TRUE(registry.promote("pump", put->version));
  LogNotes notes;
  {
    Analyst analyst(factory.directory, factory.bus, &registry, factory.clock, telemetry);
    analyst.start();
    factory.bus.publish(factory.stored({{factory.metric("m", "t"), steady(0, 1, 0)}}));
    analyst.drain();
  }
  EXPECT_EQ(notes.count("of no kind that runs here"), 1U);
  EXPECT_EQ(notes.count("no model is live"), 1U);
}

TEST(WorkQueue, RefusesWhatDoesNotFitAndNeverARemoval) {
  const auto message = std::make_shared<const Message>(
      DeviceRemoved{testing::tenant("100000"), testing::device("000001")});
  WorkQueue queue(100);
  EXPECT_TRUE(queue.put({message, 1'000}));  // alone it may be larger than the limit
  EXPECT_FALSE(queue.put({message, 1}));
  EXPECT_TRUE(queue.put({message, 0}));
  EXPECT_EQ(queue.samples(), 1'000U);
  EXPECT_EQ(queue.take(std::chrono::milliseconds(0))->samples, 1'000U);
  EXPECT_TRUE(queue.put({message, 60}));
  EXPECT_FALSE(queue.put({message, 60}));
  EXPECT_EQ(queue.take(std::chrono::milliseconds(0))->samples, 0U);
  EXPECT_EQ(queue.take(std::chrono::milliseconds(0))->samples, 60U);
  EXPECT_FALSE(queue.take(std::chrono::milliseconds(0)));
  queue.wait_until_done();
  queue.close();
  EXPECT_FALSE(queue.put({message, 0}));
}

TEST(WorkQueue, GivesWhatWaitsAfterClosing) {
  const auto message = std::make_shared<const Message>(
      DeviceRemoved{testing::tenant("100000"), testing::device("000001")});
  WorkQueue queue(100);
  ASSERT_TRUE(queue.put({message, 5}));
  queue.close();
  EXPECT_TRUE(queue.take(std::chrono::milliseconds(0)));
  EXPECT_FALSE(queue.take(std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace millwright
