// The machine temperature stream of the Numenta Anomaly Benchmark, replayed sample by sample.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/clock.h"
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

TEST(MachineTemperature, FailuresAreFoundAndTheRestIsQuiet) {
  const char* root = std::getenv("MILLWRIGHT_DATA");
  if (root == nullptr) {
    GTEST_SKIP() << "set MILLWRIGHT_DATA to the folder that holds nab/ to run this test";
  }
  const auto samples = read_gzip_csv(
      std::string(root) + "/nab/realKnownCause/machine_temperature_system_failure.csv.gz");
  ASSERT_EQ(samples.size(), 22695u);
  // The corpus' own windows; the first is inside no one's probation either.
  const std::vector<std::pair<std::string, std::string>> windows = {
      {"2013-12-10 06:25:00", "2013-12-12 05:35:00"},
      {"2013-12-15 17:50:00", "2013-12-17 17:00:00"},
      {"2014-01-27 14:20:00", "2014-01-29 13:30:00"},
      {"2014-02-07 14:55:00", "2014-02-09 14:05:00"}};
  std::vector<int> found(windows.size(), 0);
  int outside = 0;
  // At the recording's pace and 600 times faster: the verdict may not depend on it.
  for (const std::int64_t interval_us : {std::int64_t{300'000'000}, std::int64_t{500'000}}) {
    std::fill(found.begin(), found.end(), 0);
    outside = 0;
    StreamingDetector detector({.name = "temperature", .unit = "°F"});
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto change =
          detector.update(static_cast<std::int64_t>(i) * interval_us, samples[i].value);
      if (!change) continue;
      std::cout << samples[i].time << ' ' << to_string(change->phase) << ' '
                << to_string(change->kind) << ": " << change->reason << '\n';
      if (change->phase != AnomalyPhase::kOpened) continue;
      bool inside = false;
      for (std::size_t w = 0; w < windows.size(); ++w) {
        if (samples[i].time >= windows[w].first && samples[i].time <= windows[w].second) {
          ++found[w];
          inside = true;
        }
      }
      outside += inside ? 0 : 1;
    }
    std::cout << "opened inside the windows: " << found[0] << ' ' << found[1] << ' ' << found[2]
              << ' ' << found[3] << ", outside: " << outside << '\n';
    EXPECT_GE(found[1], 1) << "the shut-down of December 16";
    EXPECT_GE(found[3], 1) << "the catastrophic failure of February 8";
    EXPECT_LE(outside, 6);
  }
}

}  // namespace
}  // namespace millwright::ml
