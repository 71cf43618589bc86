#include "apps/millwright/backtest_command.h"

#include <cstdio>

#include "analyst/replay/back_test_run.h"
#include "apps/millwright/admin_commands.h"
#include "apps/millwright/commands/backtest_report.h"
#include "apps/millwright/server_flags.h"
#include "apps/millwright/tenant_stores.h"
#include "backtest/duration_words.h"
#include "registry/directory/directory_model_registry.h"

namespace millwright {
namespace {

using backtest::Detectors;

constexpr std::chrono::seconds kBetweenReports{2};
constexpr int kMostDays = 3'650;
constexpr std::size_t kMostAlarmsInTable = 50;

struct Flags {
  ServerFlags server;
  std::string tenant, horizon = "7 d", path;
  std::optional<std::string> hold, device, metric, until, detector, model, registry;
  std::optional<double> above, below;
  std::optional<int> version;
  std::vector<std::string> classes;
  int days = 90;
  bool json = false;
};

Result<Detectors> detectors_of(const std::string& name) {
  if (name == "all") return Detectors::kAll;
  if (name == "series") return Detectors::kSeries;
  if (name == "relations") return Detectors::kRelations;
  if (name == "courses") return Detectors::kCourses;
  return invalid_argument("detector '" + name +
                          "' is not known; write all, series, relations or courses");
}

Result<> set_subject(const Flags& flags, backtest::Request& request) {
  const int kinds = (flags.detector ? 1 : 0) + (flags.model ? 1 : 0) + (flags.above ? 1 : 0) +
                    (flags.below ? 1 : 0);
  if (kinds > 1) {
    return invalid_argument(
        "one thing is tried at a time: give one of --detector, --above, --below and --model");
  }
  if (flags.hold && !flags.above && !flags.below) {
    return invalid_argument("--for is of a rule: give --above or --below as well");
  }
  if (flags.version && !flags.model) {
    return invalid_argument("--version is of a model: give --model as well");
  }
  if (flags.above || flags.below) {
    MW_ASSIGN(const Microseconds hold,
              backtest::parse_duration("--for", flags.hold.value_or("0 s")));
    request.subject = backtest::LimitRule{flags.above.has_value(),
                                          flags.above ? *flags.above : *flags.below, hold};
  } else if (flags.model) {
    request.subject = backtest::ModelOnTrial{*flags.model, flags.version};
  } else {
    MW_ASSIGN(request.subject, detectors_of(flags.detector.value_or("all")));
  }
  return {};
}

Result<backtest::Request> request_of(const Flags& flags) {
  MW_ASSIGN(Path path, Path::parse(flags.path));
  backtest::Request request{
      Detectors::kAll, {}, std::move(path), {}, {}, std::chrono::days(flags.days), {},
      flags.classes,   {}};
  MW_TRY(set_subject(flags, request));
  MW_ASSIGN(request.horizon, backtest::parse_duration("--horizon", flags.horizon));
  if (flags.device) {
    MW_ASSIGN(request.device, DeviceId::parse(*flags.device));
  }
  if (flags.metric) {
    MW_ASSIGN(request.metric, MetricId::parse(*flags.metric));
  }
  if (flags.until) {
    MW_ASSIGN(request.end, parse_utc(*flags.until));
  }
  return request;
}

/// Only the server itself can read the embedded store while it runs.
Result<OpenedStores> open(const StorePlace& place) {
  auto opened = open_stores(place, "a command on this machine");
  if (!opened && place.is_embedded() && opened.error().code == ErrorCode::kFailedPrecondition) {
    Error error = opened.error();
    error.message +=
        "; ask a running server by the query `backTest`, or try it on a copy that "
        "'millwright backup' and 'millwright restore' make";
    return error;
  }
  return opened;
}

backtest::Progress report_progress() {
  const auto next = std::make_shared<std::chrono::steady_clock::time_point>(
      std::chrono::steady_clock::now() + kBetweenReports);
  return [next](double share) {
    const auto now = std::chrono::steady_clock::now();
    if (now < *next) return;
    *next = now + kBetweenReports;
    std::fprintf(stderr, "%.0f %%\n", 100 * share);
  };
}

Result<> run(const Flags& flags) {
  MW_ASSIGN(const backtest::Request request, request_of(flags));
  MW_ASSIGN(const TenantId tenant, TenantId::parse(flags.tenant));
  MW_ASSIGN(const ServeOptions server, read_serve_options(flags.server));
  const StorePlace place{server.data, server.store};
  MW_TRY(require_tenant(place, tenant));
  MW_ASSIGN(const OpenedStores stores, open(place));
  MW_ASSIGN(const auto store, stores.directory->open_for_service(tenant));
  const SystemClock clock;
  std::unique_ptr<DirectoryModelRegistry> registry;
  if (flags.model) {
    const std::filesystem::path preset = server.data / "registry";
    MW_ASSIGN(registry,
              DirectoryModelRegistry::open(flags.registry.value_or(preset.string()), clock));
  }
  MW_ASSIGN(const backtest::Report report,
            run_back_test({*store, registry.get(), clock, {}, report_progress()}, request));
  const std::string text = flags.json ? to_json_line(report) : to_table(report, kMostAlarmsInTable);
  std::fputs(text.c_str(), stdout);
  return {};
}

}  // namespace

void add_backtest_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "backtest", "Try a detector, a rule or a model on what a tenant has stored");
  command->add_option("--tenant", flags->tenant, "Tenant identifier")->required();
  add_server_options(*command, flags->server);
  command->add_option("--device", flags->device, "Only this device");
  command->add_option("--path", flags->path, "Only this path and all below it");
  command->add_option("--metric", flags->metric, "Only this metric");
  command->add_option("--days", flags->days, "How many days (default 90)")
      ->check(CLI::Range(1, kMostDays));
  command->add_option("--until", flags->until,
                      "Their end, such as 2026-11-01T00:00:00Z (default: the newest sample)");
  command->add_option("--detector", flags->detector, "all (default), series, relations or courses");
  command->add_option("--above", flags->above, "A rule: the value is above this");
  command->add_option("--below", flags->below, "A rule: the value is below this");
  command->add_option("--for", flags->hold, "... for so long, such as '10 min' (default 0 s)");
  command->add_option("--model", flags->model, "A model of the registry that judges bursts");
  command->add_option("--version", flags->version, "Its version (default: the live one)");
  command->add_option("--registry", flags->registry,
                      "Registry folder (default: that of the data folder)");
  command->add_option("--horizon", flags->horizon,
                      "How long before an event an alarm counts for it (default 7 d)");
  command->add_option("--class", flags->classes,
                      "Label class that is an event; several times for several (default: all but "
                      "service and false_alarm)");
  command->add_flag("--json", flags->json, "One JSON object on standard output");
  command->callback([flags, &exit_code] {
    const Result<> done = run(*flags);
    exit_code = done ? 0 : report_failure(done.error());
  });
}

}  // namespace millwright
