/// The edge agent's program. docs/edge.md is its manual.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <random>

#include "base/text.h"
#include "config/edge_config.h"
#include "connectors/simulated/sensor_factory.h"
#include "edge/agent.h"
#include "edge/commands.h"
#include "enrolment/enrolment.h"
#include "journal/segments/segments_journal.h"
#include "uplink/device_api/command_channel.h"
#include "uplink/grpc/grpc_uplink.h"

namespace millwright {
namespace {

using namespace std::chrono_literals;

// Exit codes; docs/edge.md lists them.
constexpr int kConfigurationWrong = 2;
constexpr int kCannotStart = 3;
constexpr int kJournalBroken = 4;

constexpr auto kLeavePatience = 2s;
constexpr auto kLongestSleep = 1s;

/// Lets the main thread sleep until something happens.
class Alarm {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      is_ringing_ = true;
    }
    changed_.notify_one();
  }
  void stop() {
    is_stopping_ = true;
    ring();
  }
  bool is_stopping() const { return is_stopping_; }
  void sleep_until(std::chrono::steady_clock::time_point time) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, time, [&] { return is_ringing_; });
    is_ringing_ = false;
  }

 private:
  std::mutex mutex_;  // guards is_ringing_
  std::condition_variable changed_;
  bool is_ringing_ = false;
  std::atomic<bool> is_stopping_ = false;
};

/// Waits for SIGTERM or SIGINT, which main has blocked in every thread.
void wait_for_signals(Alarm& alarm, const sigset_t& signals) {
  std::thread([&alarm, signals] {
    int number = 0;
    sigwait(&signals, &number);
    alarm.stop();
  }).detach();
}

edge::AgentOptions agent_options(const EdgeConfig& config) {
  edge::AgentOptions options;
  options.device = config.device;
  options.recorder.flush_interval = config.flush_interval;
  options.delivery.tenant = config.tenant;
  options.delivery.device = config.device;
  options.delivery.build = "millwright-edge";
  options.delivery.backoff = {config.first_retry, config.longest_retry};
  options.sensor_file = config.data_folder + "/sensors.json";
  return options;
}

Enrolment::Options enrolment_options(const EdgeConfig& config) {
  Enrolment::Options options;
  options.secret_file = config.data_folder + "/secret";
  options.claim = config.claim;
  options.claim_file =
      config.claim_file.empty() ? config.data_folder + "/claim" : config.claim_file;
  options.request = {
      config.api_url,       config.tenant,       config.device, config.timezone, config.description,
      config.longitude_deg, config.latitude_deg, config.city,   config.country,  {}};
  return options;
}

uplink::CommandChannelOptions channel_options(const EdgeConfig& config, const edge::Agent& agent,
                                              edge::Commands& commands) {
  uplink::CommandChannelOptions options;
  options.host = config.api_host;
  options.port = config.api_port;
  options.tenant = config.tenant;
  options.device = config.device;
  options.backoff = {config.first_retry, config.longest_retry};
  options.token = [&agent] { return agent.token(); };
  options.handle = [&commands](std::string_view message) { return commands.handle(message); };
  return options;
}

Result<> add_replays(const EdgeConfig& config, edge::Agent& agent, const Clock& clock) {
  for (const replay::ReplayOptions& options : config.replays) {
    MW_ASSIGN(auto replay, replay::ReplayConnector::create(options, Moment::of(clock)));
    MW_TRY(agent.add_connector("replay of " + options.file, std::move(replay)));
  }
  return {};
}

int fail(int code, const Error& error) {
  log::error("the agent does not start", {{"reason", error.message}});
  return code;
}

int run_agent(edge::Agent& agent, Alarm& alarm) {
  while (!alarm.is_stopping()) {
    const auto next = agent.step();
    if (!next) {
      log::error("the agent stops: what is on the medium is not certain any more",
                 {{"reason", next.error().message}});
      return kJournalBroken;
    }
    alarm.sleep_until(std::min(*next, std::chrono::steady_clock::now() + kLongestSleep));
  }
  log::info("stopping");
  if (auto stopped = agent.stop(kLeavePatience); !stopped) {
    log::error("the last readings are not journalled", {{"reason", stopped.error().message}});
    return kJournalBroken;
  }
  return 0;
}

int run(const EdgeConfig& config, const sigset_t& signals) {
  static Alarm alarm;  // outlives the threads that ring it
  const SystemClock clock;
  std::error_code code;
  std::filesystem::create_directories(config.data_folder, code);
  journal::SegmentsJournalOptions journal_options;
  journal_options.folder = config.data_folder + "/journal";
  journal_options.budget_bytes = config.journal_budget_bytes;
  auto journal = journal::SegmentsJournal::open(journal_options, clock);
  if (!journal) return fail(kCannotStart, journal.error());

  const auto uplink = uplink::make_grpc_uplink(config.hub_address);
  Enrolment enrolment(enrolment_options(config));
  edge::Agent agent(
      {**journal, *uplink, clock,
       [&](bool is_refused, auto done) { enrolment.request(is_refused, std::move(done)); },
       simulated::create_sensor, [] { alarm.ring(); }, std::random_device{}()},
      agent_options(config));
  if (auto loaded = agent.load_sensors(config.sensors); !loaded) {
    return fail(kCannotStart, loaded.error());
  }
  if (auto added = add_replays(config, agent, clock); !added) {
    return fail(kCannotStart, added.error());
  }
  wait_for_signals(alarm, signals);
  log::info("started", {{"tenant", config.tenant},
                        {"device", config.device},
                        {"hub", config.hub_address},
                        {"sensors", agent.sensors().size()},
                        {"replays", config.replays.size()}});

  edge::Commands commands(agent, clock, config.tenant, config.device);
  std::optional<uplink::CommandChannel> channel;
  if (!config.api_url.empty()) {
    channel.emplace(channel_options(config, agent, commands));
    channel->start();
  }
  const int result = run_agent(agent, alarm);
  channel.reset();
  log::info("stopped");
  return result;
}

int main_of_edge(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(0077);

  CLI::App app(
      "The edge agent of Millwright: reads machines, keeps a journal, delivers to the hub.");
  std::string config_path;
  std::string data_folder;
  bool is_check = false;
  app.add_option("--config", config_path, "The configuration, a TOML file")->required();
  app.add_option("--data", data_folder, "Folder for journal, sensors and secret");
  app.add_flag("--check", is_check, "Check the configuration and end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kConfigurationWrong;
  }
  auto config = load_edge_config(config_path);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    return kConfigurationWrong;
  }
  log::set_level(config->log_level);
  if (!data_folder.empty()) config->data_folder = data_folder;
  if (config->data_folder.empty()) {
    std::fprintf(stderr, "%s: agent.data is missing; set it or pass --data\n", config_path.c_str());
    return kConfigurationWrong;
  }
  if (auto checked = check_machine(*config, SystemClock{}); !checked) {
    std::fprintf(stderr, "%s\n", checked.error().message.c_str());
    return kConfigurationWrong;
  }
  if (is_check) {
    std::printf("%s is fine: %zu sensors, %zu replays\n", config_path.c_str(),
                config->sensors.size(), config->replays.size());
    return 0;
  }
  return run(*config, signals);
}

}  // namespace
}  // namespace millwright

int main(int argc, char** argv) { return millwright::main_of_edge(argc, argv); }
