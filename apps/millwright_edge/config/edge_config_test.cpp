#include "edge_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

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

/// The good configuration with one change, and how its refusal begins.
struct Slip {
  const char* from;
  const char* to;
  const char* refusal;
};

TEST(EdgeConfig, NamesTheKeyOfASlipInASensor) {
  const Slip slips[] = {
      {"std = 0.1", "sdt = 0.1",
       "edge.toml:24:76: unknown key 'sensor.disturbances.parameters.sdt'; expected one of mean"},
      {"parameters = {", "paramters = {}, parameters = {",
       "edge.toml:24:52: unknown key 'sensor.disturbances.paramters'"},
      {"parameters = {", "paramters = {",
       "edge.toml:24:52: unknown key 'sensor.disturbances.paramters'"},
      {"\"white_noise\", parameters = {mean = 0, std = 0.1}", "\"drift\", rte = 0.1",
       "edge.toml:24:46: unknown key 'sensor.disturbances.rte'; expected one of"},
      {"\"white_noise\", ", "\"white_noise\", mean = 1, ",
       "edge.toml:24:52: unknown key 'sensor.disturbances.mean'"},
      {"{mean = 0, std = 0.1}", "3", "edge.toml:24:65: sensor.disturbances.parameters: expected"},
      {"std = 0.1", "std = -1", "edge.toml:24:82: sensor: disturbances[0]: std is '-1'"},
      {"\"white_noise\"", "\"pink\"", "edge.toml:24:37: sensor: disturbances[0]: disturbance_type"},
      {"offset = 22.5", "offset = \"warm\"", "edge.toml:23:10: sensor: offset is"},
      {"offset = 22.5", "offset = 2026-01-01", "edge.toml:23:10: sensor: offset is"},
      {"offset = 22.5", "ar = [1.2]", "edge.toml:23:6: sensor: ar is"},
      {"sampling_interval = 30", "sampling_interval = 0.1", "edge.toml:30:21: sensor: sampling"},
      {"\"temperature\"", "\"pressure\"", "edge.toml:20:8: sensor: sensor_type is 'pressure'"},
      {"\"hall\"", "\"a hall\"", "edge.toml:21:8: sensor: path: "},
      {"offset = 22.5", "speed = 25", "edge.toml:23:9: sensor.speed means nothing for a temperat"},
      {"offset = 22.5", "load = 8", "edge.toml:23:8: sensor.load means nothing for a temperature"},
      {"offset = 22.5", "fault_type = \"no_fault\"", "edge.toml:23:14: sensor.fault_type means"},
      {"fault_type = \"root_crack\"", "offset = 1", "edge.toml:31:10: sensor.offset means nothing"},
      {"fault_type = \"root_crack\"", "disturbances = []", "edge.toml:31:16: sensor.disturbances"},
      {"path = \"furnace\"", "path = \"a furnace\"", "edge.toml:35:8: replay.path"},
  };
  for (const Slip& slip : slips) {
    EXPECT_THAT(refusal(with(kGood, slip.from, slip.to)), StartsWith(slip.refusal)) << slip.to;
  }
}

class CheckMachine : public testing::Test {
 protected:
  CheckMachine() {
    std::string name = (std::filesystem::temp_directory_path() / "edge_config_XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::ofstream(folder_ + "/machine.csv.gz") << "timestamp,t\n0,1\n1,2\n";
  }
  ~CheckMachine() override { std::filesystem::remove_all(folder_); }

  std::string refusal(const std::string& text) {
    const auto config = parse_edge_config(text, "edge.toml", folder_);
    if (!config) return "does not parse: " + config.error().message;
    const auto checked = check_machine(*config, clock_);
    return checked ? "accepted" : checked.error().message;
  }

  ManualClock clock_{from_us(1'700'000'000'000'000)};
  std::string folder_;
};

TEST_F(CheckMachine, SaysWhereTheFileNamesWhatCannotBeRead) {
  EXPECT_EQ(refusal(kGood), "accepted");
  const Slip slips[] = {
      {"root_crack", "rust", "edge.toml:31:14: sensor 'vibration.gear1': fault_type: "},
      {"machine.csv.gz", "none.csv", "edge.toml:34:8: replay.file: "},
      {"column = \"t\"", "column = \"w\"", "edge.toml:38:12: replay.columns: the replay file"},
      {"metric = \"temperature.internal\"", "metric = \"a b\"", "edge.toml:38:12: replay.columns"},
      {"loop = true", "start_offset = 99", "edge.toml:34:8: replay.file: the replay file"},
      {"\"vibration.gear1\"\ntype = \"vibration\"\npath = \"conveyor.motor1\"\nsampling_interval = "
       "30\nfault_type = \"root_crack\"",
       "\"temperature.ambient\"\ntype = \"humidity\"\npath = \"hall\"\nsampling_interval = 1",
       "edge.toml:27:14: sensor 'temperature.ambient': sensor 'temperature.ambient' at path"},
      {"path = \"furnace\"\nspeed = 60\nloop = true\ncolumns = [{column = \"t\", metric = "
       "\"temperature.internal\"",
       "path = \"hall\"\ncolumns = [{column = \"t\", metric = \"temperature.ambient\"",
       "edge.toml:33:1: replay: metric 'temperature.ambient'"},
  };
  for (const Slip& slip : slips) {
    EXPECT_THAT(refusal(with(kGood, slip.from, slip.to)), StartsWith(slip.refusal)) << slip.to;
  }
}

}  // namespace
}  // namespace millwright
