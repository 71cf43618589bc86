#include "devices/sensor_request.h"

#include <gmock/gmock.h>

namespace millwright {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json sensor() {
  return json::parse(R"({"sensor_identifier": "vibration.gear1", "sensor_type": "vibration",
    "path": "conveyor.motor1", "sampling_interval": 0.5,
    "data": {"offset": 1, "fault_type": "root_crack", "disturbances": [
      {"disturbance_type": "white_noise", "parameters": {"mean": 0, "std": 0.1}},
      {"disturbance_type": "random_spike", "parameters": {"probability": 0.1, "spike_range": [1, 2]}},
      {"disturbance_type": "drift", "parameters": {"rate": 0.01, "start": 100}}]}})");
}

TEST(SensorRequest, AWholeSensorPasses) {
  const auto fields = check_add_sensor(sensor());
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->at("data").at("disturbances").size(), 3U);
}

TEST(SensorRequest, NullIsAbsent) {
  json body = sensor();
  body["path"] = nullptr;
  body["data"] = nullptr;
  const auto fields = check_add_sensor(body);
  ASSERT_TRUE(fields);
  EXPECT_TRUE(fields->at("path").is_null());
}

struct BadSensor {
  const char* pointer;
  json value;
  const char* named;
};

TEST(SensorRequest, WhatIsWrongIsNamed) {
  const std::vector<BadSensor> cases{
      {"/sensor_identifier", nullptr, "sensor_identifier"},
      {"/sensor_identifier", "a b", "a b"},
      {"/sensor_type", "smell", "smell"},
      {"/path", 3, "path"},
      {"/path", "a/b", "a/b"},
      {"/sampling_interval", 0, "sampling_interval"},
      {"/sampling_interval", -1, "sampling_interval"},
      {"/sampling_interval", 1e-9, "sampling_interval"},
      {"/sampling_interval", 1e12, "sampling_interval"},
      {"/sampling_interval", "10", "sampling_interval"},
      {"/data", 1, "data"},
      {"/data/offset", "warm", "data.offset"},
      {"/data/fault_type", "broken", "broken"},
      {"/data/disturbances", 1, "data.disturbances"},
      {"/data/disturbances/0/disturbance_type", "hum", "hum"},
      {"/data/disturbances/0/parameters", nullptr, "parameters"},
      {"/data/disturbances/0/parameters/std", -0.1, "std"},
      {"/data/disturbances/1/parameters/probability", 1.5, "probability"},
      {"/data/disturbances/1/parameters/spike_range", json::array({2, 1}), "spike_range"},
      {"/data/disturbances/1/parameters/spike_range", 4, "spike_range"},
      {"/data/disturbances/2/parameters/start", 1.5, "start"},
      {"/data/disturbances/2/parameters/rate", nullptr, "rate"},
  };
  for (const BadSensor& bad : cases) {
    json body = sensor();
    body[json::json_pointer(bad.pointer)] = bad.value;
    const auto result = check_add_sensor(body);
    ASSERT_FALSE(result) << bad.pointer;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(result.error().message, HasSubstr(bad.named));
  }
}

TEST(SensorRequest, AnomaliesAreChecked) {
  json body{{"sensor_identifier", "s"},
            {"anomalies", json::array({{{"start", "2026-11-25T10:00:00"},
                                        {"end", "2026-11-25T10:01:00"},
                                        {"anomalie_type", "point"},
                                        {"mean", 1},
                                        {"std", 0.5}}})}};
  ASSERT_TRUE(check_anomalies(body));
  body["anomalies"][0]["std"] = -1;
  EXPECT_THAT(check_anomalies(body).error().message, HasSubstr("anomalies[0].std"));
  body["anomalies"] = json::array();
  EXPECT_FALSE(check_anomalies(body));
}

}  // namespace
}  // namespace millwright
