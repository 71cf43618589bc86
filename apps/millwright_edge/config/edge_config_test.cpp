#include "edge_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millwright {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kGood = R"([device]
tenant = "100000"
identifier = "000001"
timezone = "Europe/Zurich"
lat = 47.4

[hub]
address = "127.0.0.1:50051"
api = "http://127.0.0.1:8080/"
first_retry_ms = 250
longest_retry_ms = 2000

[agent]
data = "data"
journal_budget_mib = 64
flush_interval_ms = 20

[[sensor]]
identifier = "temperature.ambient"
type = "temperature"
path = "hall"
sampling_interval = 1.0
offset = 22.5
disturbances = [{disturbance_type = "white_noise", parameters = {mean = 0, std = 0.1}}]

[[sensor]]
identifier = "vibration.gear1"
type = "vibration"
path = "conveyor.motor1"
sampling_interval = 30
fault_type = "root_crack"

[[replay]]
file = "machine.csv.gz"
path = "furnace"
speed = 60
loop = true
columns = [{column = "t", metric = "temperature.internal", unit = "°C"}]
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  const auto config = parse_edge_config(text, "edge.toml", "/etc/millwright");
  return config ? "accepted" : config.error().message;
}

TEST(EdgeConfig, ReadsEverythingAndTakesPathsFromItsFolder) {
  const auto config = parse_edge_config(kGood, "edge.toml", "/etc/millwright");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tenant, "100000");
  EXPECT_EQ(config->latitude_deg, 47.4);
  EXPECT_FALSE(config->longitude_deg);
  EXPECT_EQ(config->api_url, "http://127.0.0.1:8080");
  EXPECT_EQ(config->api_port, "8080");
  EXPECT_EQ(config->longest_retry.count(), 2000);
  EXPECT_EQ(config->data_folder, "/etc/millwright/data");
  EXPECT_EQ(config->journal_budget_bytes, 64u << 20);
  ASSERT_EQ(config->sensors.size(), 2u);
  EXPECT_EQ(config->sensors[0].offset, 22.5);
  EXPECT_EQ(config->sensors[0].disturbances.size(), 1u);
  EXPECT_EQ(config->sensors[1].fault_type, "root_crack");
  ASSERT_EQ(config->replays.size(), 1u);
  EXPECT_EQ(config->replays[0].file, "/etc/millwright/machine.csv.gz");
  EXPECT_EQ(config->replays[0].columns[0].metric_identifier, "temperature.internal");
}

TEST(EdgeConfig, SaysFileLineColumnAndKey) {
  EXPECT_THAT(refusal(with(kGood, "address", "adress")), StartsWith("edge.toml:"));
  EXPECT_THAT(refusal(with(kGood, "lat = 47.4", "latt = 47.4")),
              StartsWith("edge.toml:5:1: unknown key 'device.latt'; expected one of"));
  EXPECT_THAT(refusal(with(kGood, "[agent]", "[agnet]")), StartsWith("edge.toml:13:"));
  EXPECT_THAT(refusal(with(kGood, "lat = 47.4", "lat = 147")),
              StartsWith("edge.toml:5:7: device.lat is '147'"));
  EXPECT_THAT(refusal(with(kGood, "lat = 47.4", "lat = \"47\"")), HasSubstr("expected a number"));
  EXPECT_THAT(refusal(with(kGood, "offset = 22.5", "ofset = 22.5")),
              StartsWith("edge.toml:23:1: unknown key 'sensor.ofset'"));
  EXPECT_THAT(refusal(with(kGood, "\"temperature\"", "\"pressure\"")),
              HasSubstr("sensor_type is 'pressure'"));
  EXPECT_THAT(refusal(with(kGood, "speed = 60", "speed = 0")), HasSubstr("replay.speed is '0'"));
  EXPECT_THAT(refusal(with(kGood, "loop = true", "loop = 1")), HasSubstr("expected true or false"));
  EXPECT_THAT(refusal(with(kGood, "Europe/Zurich", "Europe/Zuerich")),
              StartsWith("edge.toml:4:12: device.timezone"));
  EXPECT_THAT(refusal(with(kGood, "http://", "https://")), HasSubstr("TLS is not supported yet"));
  EXPECT_THAT(refusal(with(kGood, "tenant = \"100000\"\n", "")), HasSubstr("device.tenant"));
  EXPECT_THAT(refusal(with(kGood, "lat = 47.4", "lat = ")), StartsWith("edge.toml:5:"));
}

}  // namespace
}  // namespace millwright
