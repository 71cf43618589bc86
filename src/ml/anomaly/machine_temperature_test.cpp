// The machine temperature stream of the Numenta Anomaly Benchmark, replayed sample by sample.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/clock.h"
#include "ml/anomaly/past_detector.h"
#include "ml/anomaly/streaming_detector.h"

namespace millwright::ml {
namespace {

struct Sample {
  std::string time;
  double value;
};

std::vector<Sample> read_gzip_csv(const std::string& path) {
  std::vector<Sample> samples;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return samples;
  char line[256];
  gzgets(file, line, sizeof line);
  while (gzgets(file, line, sizeof line) != nullptr) {
    const std::string text = line;
    const auto comma = text.find(',');
    samples.push_back({text.substr(0, comma), std::strtod(text.c_str() + comma + 1, nullptr)});
  }
  gzclose(file);
  return samples;
}

// The corpus' own windows; none lies in the beginning that is not scored.
const std::vector<std::pair<std::string, std::string>> kWindows = {
    {"2013-12-10 06:25:00", "2013-12-12 05:35:00"},
    {"2013-12-15 17:50:00", "2013-12-17 17:00:00"},
    {"2014-01-27 14:20:00", "2014-01-29 13:30:00"},
    {"2014-02-07 14:55:00", "2014-02-09 14:05:00"}};

struct Opened {
  std::vector<int> inside = std::vector<int>(kWindows.size(), 0);
  int outside = 0;
  void count(const std::string& time) {
    const auto window = std::find_if(kWindows.begin(), kWindows.end(), [&](const auto& w) {
      return time >= w.first && time <= w.second;
    });
    ++(window == kWindows.end() ? outside
                                : inside[static_cast<std::size_t>(window - kWindows.begin())]);
  }
};

class MachineTemperature : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* root = std::getenv("MILLWRIGHT_DATA");
    if (root == nullptr) {
      GTEST_SKIP() << "set MILLWRIGHT_DATA to the folder that holds nab/ to run this test";
    }
    samples_ = read_gzip_csv(std::string(root) +
                             "/nab/realKnownCause/machine_temperature_system_failure.csv.gz");
    ASSERT_EQ(samples_.size(), 22695u);
  }
  std::vector<Sample> samples_;
};

// The machine is often stopped and cold: the always-on tier may tell that a few times, not each.
TEST_F(MachineTemperature, TheAlwaysOnTierIsQuietAtAnyPace) {
  // At the recording's pace and 600 times faster: the verdict may not depend on it.
  for (const std::int64_t interval_us : {std::int64_t{300'000'000}, std::int64_t{500'000}}) {
    Opened opened;
    StreamingDetector detector({.name = "temperature", .unit = "°F"});
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const auto change =
          detector.update(static_cast<std::int64_t>(i) * interval_us, samples_[i].value);
      if (!change || change->phase != AnomalyPhase::kOpened) continue;
      std::cout << samples_[i].time << ' ' << to_string(change->kind) << ": " << change->reason
                << '\n';
      opened.count(samples_[i].time);
    }
    EXPECT_GE(opened.inside[1], 1) << "the shut-down of December 16";
    EXPECT_LE(opened.outside, 2);
  }
}

TEST_F(MachineTemperature, TheScheduledTierFindsEveryWindow) {
  Opened opened;
  PastDetector detector({.name = "temperature", .unit = "°F", .budget = {}});
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const auto alarm =
        detector.update(static_cast<std::int64_t>(i) * 300'000'000, samples_[i].value);
    if (!alarm) continue;
    std::cout << samples_[i].time << ": " << alarm->reason << '\n';
    opened.count(samples_[i].time);
  }
  for (std::size_t w = 0; w < kWindows.size(); ++w) {
    EXPECT_GE(opened.inside[w], 1) << kWindows[w].first;
  }
  EXPECT_LE(opened.outside, 11);  // one a week
}

}  // namespace
}  // namespace millwright::ml
