#include "edge/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "edge/sensor_file.h"
#include "edge/testing/testing_hub.h"
#include "journal/memory/memory_journal.h"

namespace millwright::edge {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A connector that yields one metric, named as its sensor, and nothing ever.
class Quiet final : public Connector {
 public:
  explicit Quiet(const SensorSpec& spec) {
    metric_.metric_identifier = spec.identifier;
    metric_.path = spec.path;
  }
  std::span<const MetricDescription> metrics() const override { return {&metric_, 1}; }
  std::chrono::steady_clock::time_point next_due() const override {
    return std::chrono::steady_clock::time_point::max();
  }
  Result<std::vector<Reading>> read(Moment) override { return std::vector<Reading>{}; }

 private:
  MetricDescription metric_;
};

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() : clock_(from_us(1'700'000'000'123'000)), hub_(clock_), link_(hub_.functions()) {
    std::string name = (std::filesystem::temp_directory_path() / "commands_XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    EXPECT_TRUE(start({}));
  }
  ~CommandsTest() override { std::filesystem::remove_all(folder_); }

  std::string file() const { return folder_ + "/sensors.json"; }
  Result<> start(const std::vector<SensorSpec>& initial) {
    AgentOptions options;
    options.device = "000001";
    options.sensor_file = file();
    agent_ = std::make_unique<Agent>(
        AgentParts{journal_, link_, clock_, [](bool, auto done) { done(std::string("secret")); },
                   [](const SensorSpec& spec, Moment) -> Result<std::unique_ptr<Connector>> {
                     return std::unique_ptr<Connector>(new Quiet(spec));
                   },
                   [] {}, 1},
        options);
    commands_ = std::make_unique<Commands>(*agent_, clock_, "100000", "000001");
    return agent_->load_sensors(initial);
  }
  json ask(json request) {
    request["tenant_identifier"] = "100000";
    request["device_identifier"] = "000001";
    request["message_id"] = "id-1";
    const auto answer = commands_->handle(request.dump());
    EXPECT_TRUE(answer);
    return json::parse(answer.value_or("null"));
  }
  static json sensor(const char* command) {
    return {{"message_type", "sensor_management"},
            {"command", command},
            {"sensor_identifier", "temperature.ambient"},
            {"sensor_type", "temperature"},
            {"path", "hall"},
            {"sampling_interval", 1.0},
            {"data", {{"offset", 21.5}}}};
  }

  ManualClock clock_;
  TestingHub hub_;
  uplink::LoopbackUplink link_;
  journal::MemoryJournal journal_;
  std::string folder_;
  std::unique_ptr<Agent> agent_;
  std::unique_ptr<Commands> commands_;
};

TEST_F(CommandsTest, AnswersTheConnectionStateInTheFormOfExistingDevices) {
  json answer =
      ask({{"message_type", "command"}, {"command", "get_connection_state"}, {"data", nullptr}});
  EXPECT_EQ(answer["message_type"], "command_response");
  EXPECT_EQ(answer["status"], "success");
  EXPECT_EQ(answer["message_id"], "id-1");
  EXPECT_EQ(answer["data"]["connection_state"], "disconnected");
  EXPECT_EQ(answer["timestamp"], "2023-11-14T22:13:20.123000");
  ASSERT_TRUE(agent_->step());
  ASSERT_TRUE(agent_->step());
  answer = ask({{"message_type", "command"}, {"command", "get_connection_state"}});
  EXPECT_EQ(answer["data"]["connection_state"], "connected");
}

TEST_F(CommandsTest, AddsASensorOnceAndKeepsItOverARestart) {
  EXPECT_EQ(ask(sensor("add_sensor"))["status"], "success");
  const json twice = ask(sensor("add_sensor"));
  EXPECT_EQ(twice["status"], "failure");
  EXPECT_THAT(twice["message"].get<std::string>(), HasSubstr("exists already"));
  ASSERT_TRUE(start({}));
  const json list = ask({{"message_type", "sensor_management"}, {"command", "get_sensors"}});
  ASSERT_EQ(list["data"]["sensors"].size(), 1u);
  EXPECT_EQ(list["data"]["sensors"][0]["data"]["offset"], 21.5);
  EXPECT_EQ(ask(sensor("remove_sensor"))["status"], "success");
  const json gone = ask(sensor("remove_sensor"));
  EXPECT_EQ(gone["status"], "failure");
  EXPECT_THAT(gone["message"].get<std::string>(), HasSubstr("does not exist"));
}

TEST_F(CommandsTest, InjectsAnomaliesIntoASensor) {
  ASSERT_EQ(ask(sensor("add_sensor"))["status"], "success");
  json request = sensor("add_anomalies");
  request["data"] = {{"anomalies", json::array({{{"start", "2026-11-25T10:00:00"},
                                                 {"end", "2026-11-25T11:00:00"},
                                                 {"anomalie_type", "level"},
                                                 {"mean", 5.0},
                                                 {"std", 0.5}}})}};
  EXPECT_EQ(ask(request)["status"], "success");
  ASSERT_EQ(agent_->sensors().size(), 1u);
  EXPECT_EQ(agent_->sensors()[0].anomalies.size(), 1u);

  request["data"]["anomalies"][0]["end"] = "2026-11-25T09:00:00";
  EXPECT_THAT(ask(request)["message"].get<std::string>(), HasSubstr("anomalies[0]: end"));
  request["sensor_identifier"] = "no.such";
  request["data"]["anomalies"][0]["end"] = "2026-11-25T11:00:00";
  EXPECT_THAT(ask(request)["message"].get<std::string>(), HasSubstr("no.such"));
}

TEST_F(CommandsTest, SaysWhatIsWrongWithASensor) {
  json request = sensor("add_sensor");
  request["sampling_interval"] = -1;
  const json answer = ask(request);
  EXPECT_EQ(answer["status"], "failure");
  EXPECT_THAT(answer["message"].get<std::string>(), HasSubstr("sampling_interval is '-1'"));
  EXPECT_TRUE(agent_->sensors().empty());
}

TEST_F(CommandsTest, SaysWhatItDoesNotUnderstand) {
  EXPECT_EQ(ask({{"message_type", "command"}, {"command", "reboot"}})["status"], "failure");
  EXPECT_EQ(ask({{"message_type", "sensor_management"}, {"command", nullptr}})["status"],
            "failure");
  EXPECT_FALSE(commands_->handle("no json"));
  EXPECT_FALSE(commands_->handle("[1]"));
  EXPECT_FALSE(commands_->handle(R"({"message_type": "news"})"));
  const auto foreign = commands_->handle(
      R"({"message_type": "command", "command": "get_connection_state",
          "tenant_identifier": "100001", "device_identifier": "000001"})");
  ASSERT_TRUE(foreign);
  EXPECT_EQ(json::parse(*foreign)["status"], "failure");
}

TEST_F(CommandsTest, TakesTheConfiguredSensorsOnTheFirstStartOnly) {
  std::filesystem::remove(file());
  const auto initial = parse_sensor(sensor(""));
  ASSERT_TRUE(start({*initial}));
  ASSERT_TRUE(agent_->remove_sensor("temperature.ambient", ""));
  ASSERT_TRUE(start({*initial}));
  EXPECT_TRUE(agent_->sensors().empty());
}

TEST_F(CommandsTest, ADamagedSensorFileIsNotTakenForAnEmptyOne) {
  for (const char* text : {"", "{", "[]", R"({"sensors": [{"sensor_type": "x"}]})"}) {
    std::ofstream(file(), std::ios::trunc) << text;
    const auto started = start({});
    ASSERT_FALSE(started) << text;
    EXPECT_THAT(started.error().message, HasSubstr("sensors.json"));
  }
}

}  // namespace
}  // namespace millwright::edge
