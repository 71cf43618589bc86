/// store.q1_http_ms ... store.q4_http_ms: the questions as people's programs ask them, through the
/// analytics API with its JSON, by HTTP on one connection that stays open.
///
///   store_http_bench LOAD FOLDER
///
/// FOLDER is what store_bench left. The series get names here: devices 000000 to 000099 with
/// metrics m00 to m99. A document has at most 20 aliases, so question 1 takes five requests of 20
/// devices. The API has no call for question 5.

#include "../figures.h"
#include "analytics/analytics_service.h"
#include "base/log.h"
#include "devices/testing/fake_identity.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "own_store.h"
#include "registry/memory/memory_model_registry.h"
#include "transport/http/api.h"
#include "transport/http/server.h"
#include "transport/testing/http_client.h"

namespace millwright::bench {
namespace {

constexpr const char* kTenant = "100000";
constexpr int kDevicesInADocument = 20;

std::string numbered(const char* format, std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, format, static_cast<int>(number));
  return text;
}
std::string device_name(std::int64_t number) { return numbered("%06d", number); }
std::string metric_name(std::int64_t number) { return numbered("m%02d", number); }

/// The catalog numbers series from 1, in the order in which they are named.
void name_series(TenantCatalog& catalog, const LoadHeader& load) {
  for (int d = 0; d < load.devices; ++d) {
    const DeviceId device = must(DeviceId::parse(device_name(d)));
    must(catalog.add_device(
        Device{device, "", "UTC", {}, {}, "", "", DeviceStatus::kUnknown, {}, {}}));
    for (int m = 0; m < load.metrics; ++m) {
      const MetricKey key{device, must(Path::parse("")), must(MetricId::parse(metric_name(m)))};
      const Metric metric = must(catalog.resolve_metric(key, "", "", MetricType::kNumericScalar));
      if (metric.series != SeriesId{1 + std::int64_t{d} * load.metrics + m}) {
        fail("the catalog numbers series otherwise than the load");
      }
    }
  }
}

/// The whole server above the store, without the listeners that are not asked.
class ApiServer {
 public:
  explicit ApiServer(TenantDirectory& directory)
      : authentication_(identity_, access()),
        service_(directory, bus_, models_, clock_, telemetry_),
        server_({}, router(), {}, telemetry_) {
    must(server_.start());
  }
  ~ApiServer() { server_.stop(); }
  std::uint16_t port() const { return server_.port(); }

 private:
  static http::AccessOptions access() {
    http::AccessOptions access;
    access.demo_tenant = must(TenantId::parse(kTenant));
    return access;
  }
  http::Router router() {
    http::Router router;
    add_graphql(router, authentication_, service_);
    return router;
  }

  SystemClock clock_;
  InprocessBus bus_;
  MemoryModelRegistry registry_{clock_};
  RegistryModelRunner models_{registry_};
  telemetry::Telemetry telemetry_;
  millwright::testing::FakeIdentity identity_;
  http::Authentication authentication_;
  AnalyticsService service_;
  http::Server server_;
};

/// `tenantIdentifier: ..., deviceIdentifier: ...` and, where asked, metric and range.
std::string place(std::int64_t device) {
  return std::string("tenantIdentifier: \"") + kTenant + "\", deviceIdentifier: \"" +
         device_name(device) + "\"";
}
std::string range(const Query& query) {  // both ends are inclusive
  return ", start: \"" + format_utc(from_us(query.start_us)) + "\", end: \"" +
         format_utc(from_us(query.end_us - 1)) + "\"";
}

/// The documents that answer a question together.
std::vector<std::string> documents(const Query& query, const LoadHeader& load) {
  const std::int64_t device = (query.first_series - 1) / load.metrics;
  const std::string metric =
      ", metricIdentifier: [\"" + metric_name((query.first_series - 1) % load.metrics) + "\"]";
  switch (query.question) {
    case 2:
      return {"{ numericScalar(body: {" + place(device) + metric + range(query) +
              "}) { values { value timestampLocal } } }"};
    case 3:
      return {"{ series(" + place(device) + metric + range(query) +
              ", pixels: 1000) { t min max avg } }"};
    case 4:
      return {"{ numericScalar(body: {" + place(device) + range(query) +
              ", grouping: HOURLY, aggregation: AVG}) { metricIdentifier values { value "
              "timestampLocal } } }"};
    default:
      break;
  }
  std::vector<std::string> out;
  for (int d = 0; d < load.devices; ++d) {
    if (d % kDevicesInADocument == 0) out.emplace_back("{");
    out.back() += " d" + std::to_string(d) + ": metrics(" + place(d) +
                  ") { metricIdentifier latestValue latestTimestamp }";
  }
  for (std::string& document : out) document += " }";
  return out;
}

std::string request_of(const std::string& document, std::uint16_t port) {
  const std::string body = nlohmann::json{{"query", document}}.dump();
  return "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
         "\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// How many values the answer must have, and the key that each of them has.
std::pair<std::size_t, const char*> expected(const AnsweredQuery& asked) {
  const Query& query = asked.query;
  switch (query.question) {
    case 1:
      return {asked.answer.samples, "\"latestValue\":"};
    case 2:
      return {asked.answer.samples, "\"value\":"};
    case 3:
      return {1, "\"avg\":"};
    default: {
      const auto hours = (query.end_us - query.start_us + query.step_us - 1) / query.step_us;
      return {static_cast<std::size_t>(hours * query.series_count), "\"value\":"};
    }
  }
}

std::size_t occurrences(const std::string& text, const char* key) {
  std::size_t count = 0;
  for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) ++count;
  return count;
}

double ask_ms(millwright::testing::RawConnection& connection, std::uint16_t port,
              const AnsweredQuery& asked, const LoadHeader& load) {
  std::vector<std::string> requests;
  for (const std::string& document : documents(asked.query, load)) {
    requests.push_back(request_of(document, port));
  }
  std::vector<millwright::testing::HttpAnswer> answers;
  const auto start = Steady::now();
  for (const std::string& request : requests) {
    connection.send(request);
    answers.push_back(connection.answer());
  }
  const double ms = ms_since(start);
  const auto [values, key] = expected(asked);
  std::size_t found = 0;
  for (const auto& answer : answers) {
    if (answer.status != 200 || answer.body.starts_with("{\"errors\"")) {
      fail("the API answers " + answer.body.substr(0, 500));
    }
    found += occurrences(answer.body, key);
  }
  if (found != values) {
    fail("question " + std::to_string(asked.query.question) + " by HTTP has " +
         std::to_string(found) + " values, not " + std::to_string(values));
  }
  return ms;
}

void run(const LoadFile& load, const std::filesystem::path& folder) {
  OwnStore store(folder / "data");
  name_series(store.catalog(), load.header());
  must(store.samples().settle());
  ApiServer server(store.directory());
  millwright::testing::RawConnection connection(server.port());
  std::vector<double> times[kQuestions];
  for (const AnsweredQuery& asked : read_queries(folder / "queries.tsv")) {
    if (asked.query.question == 5) continue;
    times[asked.query.question - 1].push_back(
        ask_ms(connection, server.port(), asked, load.header()));
  }
  for (int i = 0; i < 4; ++i) {
    print_figure("store.q" + std::to_string(i + 1) + "_http_ms", median(times[i]), "ms");
  }
}

}  // namespace
}  // namespace millwright::bench

int main(int argc, char** argv) {
  using namespace millwright::bench;
  millwright::log::set_level(millwright::log::Level::kError);
  if (argc != 3) fail("usage: store_http_bench LOAD FOLDER");
  run(LoadFile(argv[1]), argv[2]);
}
