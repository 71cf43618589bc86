/// store.q1_http_ms ... store.q5_http_ms: the questions as people's programs ask them, through the
/// analytics API with its JSON, by HTTP on one connection that stays open.
///
///   store_http_bench LOAD FOLDER
///
/// FOLDER is what store_bench left. The series get names here: devices 000000 to 000099 with
/// metrics m00 to m99.

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

/// `["000010", "000011", ...]`: the devices that a question's series belong to.
std::string devices(const Query& query, const LoadHeader& load) {
  const std::int64_t first = (query.first_series - 1) / load.metrics;
  std::string list = "[";
  for (std::int64_t d = first; d * load.metrics < query.first_series - 1 + query.series_count;
       ++d) {
    list += (d == first ? "\"" : ", \"") + device_name(d) + "\"";
  }
  return list + "]";
}

std::string document(const Query& query, const LoadHeader& load) {
  const std::int64_t device = (query.first_series - 1) / load.metrics;
  const std::string tenant = std::string("tenantIdentifier: \"") + kTenant + "\"";
  const std::string metric =
      ", metricIdentifier: [\"" + metric_name((query.first_series - 1) % load.metrics) + "\"]";
  switch (query.question) {
    case 1:
      return "{ latest(" + tenant + ") { deviceIdentifier metricIdentifier t value } }";
    case 2:
      return "{ numericScalar(body: {" + place(device) + metric + range(query) +
             "}) { values { value timestampLocal } } }";
    case 3:
      return "{ series(" + place(device) + metric + range(query) +
             ", pixels: 1000) { t min max avg } }";
    case 4:
      return "{ numericScalar(body: {" + place(device) + range(query) +
             ", grouping: HOURLY, aggregation: AVG}) { metricIdentifier values { value "
             "timestampLocal } } }";
    default:
      return "{ countAbove(" + tenant + ", deviceIdentifiers: " + devices(query, load) +
             range(query) + ", threshold: " + nlohmann::json(query.threshold).dump() + ") }";
  }
}

std::string request_of(const std::string& query, std::uint16_t port) {
  const std::string body = nlohmann::json{{"query", query}}.dump();
  return "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
         "\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::size_t occurrences(const std::string& text, const char* key) {
  std::size_t count = 0;
  for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) ++count;
  return count;
}

/// Fails unless the answer holds as many values as the store gave to the same question.
void check(const std::string& body, const AnsweredQuery& asked) {
  const Query& query = asked.query;
  const auto data = nlohmann::json::parse(body).at("data");
  std::size_t expected = asked.answer.samples;
  std::size_t found = 0;
  if (query.question == 1) {
    for (const auto& device : data.at("latest")) found += device.at("value").size();
  } else if (query.question == 5) {
    found = data.at("countAbove").get<std::size_t>();
  } else if (query.question == 3) {
    expected = 1;
    found = occurrences(body, "\"avg\":");
  } else {
    if (query.question == 4) {
      const auto hours = (query.end_us - query.start_us + query.step_us - 1) / query.step_us;
      expected = static_cast<std::size_t>(hours * query.series_count);
    }
    found = occurrences(body, "\"value\":");
  }
  if (found != expected) {
    fail("question " + std::to_string(query.question) + " by HTTP has " + std::to_string(found) +
         " values, not " + std::to_string(expected));
  }
}

double ask_ms(millwright::testing::RawConnection& connection, std::uint16_t port,
              const AnsweredQuery& asked, const LoadHeader& load) {
  const std::string request = request_of(document(asked.query, load), port);
  const auto start = Steady::now();
  connection.send(request);
  const auto answer = connection.answer();
  const double ms = ms_since(start);
  if (answer.status != 200 || answer.body.starts_with("{\"errors\"")) {
    fail("the API answers " + answer.body.substr(0, 500));
  }
  check(answer.body, asked);
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
    times[asked.query.question - 1].push_back(
        ask_ms(connection, server.port(), asked, load.header()));
  }
  for (int i = 0; i < kQuestions; ++i) {
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
