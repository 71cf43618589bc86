#include "connectors/sensor_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millwright {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json temperature() {
  return json::parse(R"({
    "sensor_identifier": "temperature.ambient", "sensor_type": "temperature", "path": "hall",
    "sampling_interval": 2, "data": {"offset": 21.5, "ar": [0.5], "disturbances": [
      {"disturbance_type": "white_noise", "parameters": {"mean": 0.1, "std": 0.2}},
      {"disturbance_type": "random_spike", "parameters": {"probability": 0.01,
                                                          "spike_range": [3, 5]}},
      {"disturbance_type": "drift", "parameters": {"rate": 0.001, "start": 100}}]}})");
}

std::string refusal(const json& sensor) {
  const auto result = parse_sensor(sensor);
  return result ? "accepted" : result.error().message;
}

TEST(SensorSpec, ReadsWhatItWrites) {
  const auto spec = parse_sensor(temperature());
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->disturbances.size(), 3u);
  const auto again = parse_sensor(to_json(*spec));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(*spec));
}

TEST(SensorSpec, TakesNullAsAbsent) {
  json sensor = temperature();
  sensor["data"] = nullptr;
  sensor["path"] = nullptr;
  const auto spec = parse_sensor(sensor);
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->path, "");
  EXPECT_FALSE(spec->offset);
}

TEST(SensorSpec, NamesTheMemberThatIsWrong) {
  json sensor = temperature();
  sensor["sensor_type"] = "pressure";
  EXPECT_THAT(refusal(sensor), HasSubstr("sensor_type is 'pressure'"));
  sensor = temperature();
  sensor["sampling_interval"] = 0;
  EXPECT_THAT(refusal(sensor), HasSubstr("sampling_interval is '0'"));
  sensor["sampling_interval"] = "fast";
  EXPECT_THAT(refusal(sensor), HasSubstr("expected a number"));
  sensor = temperature();
  sensor["sensor_identifier"] = "a b";
  EXPECT_THAT(refusal(sensor), HasSubstr("sensor_identifier: "));
  sensor = temperature();
  sensor["path"] = "a-b";
  EXPECT_THAT(refusal(sensor), HasSubstr("path: "));
  sensor = temperature();
  sensor["data"]["disturbances"][1]["parameters"]["spike_range"] = {5, 3};
  EXPECT_THAT(refusal(sensor), HasSubstr("disturbances[1]: spike_range[1]"));
  sensor["data"]["disturbances"][1] = {{"disturbance_type", "storm"}};
  EXPECT_THAT(refusal(sensor), HasSubstr("disturbances[1]: disturbance_type is 'storm'"));
}

TEST(SensorSpec, RefusesAProcessThatGrowsWithoutBound) {
  EXPECT_TRUE(is_stable({1.60, -0.605}));
  EXPECT_FALSE(is_stable({1.01}));
  EXPECT_FALSE(is_stable({0.5, 0.6}));
  json sensor = temperature();
  sensor["data"]["ar"] = {1.2};
  EXPECT_THAT(refusal(sensor), HasSubstr("ar is '[1.2]'"));
}

}  // namespace
}  // namespace millwright
