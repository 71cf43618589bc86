#include "apps/millwright/serve_options.h"

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/text.h"

namespace millwright {
namespace {

/// Reads known keys one after the other and remembers the first error with its place.
class Reader {
 public:
  Reader(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

  template <typename T>
  std::optional<T> value(const char* key) {
    known_.emplace(key);
    const toml::node* node = table_.get(key);
    if (!node) return std::nullopt;
    const auto read = node->value_exact<T>();
    if (!read) fail(*node, key, "has the wrong type");
    return read;
  }
  void text(const char* key, std::string& into) {
    if (auto read = value<std::string>(key)) into = *read;
  }
  void path(const char* key, std::filesystem::path& into) {
    if (auto read = value<std::string>(key)) into = *read;
  }
  std::vector<std::string> texts(const char* key) {
    known_.emplace(key);
    std::vector<std::string> all;
    const toml::node* node = table_.get(key);
    if (!node) return all;
    const toml::array* array = node->as_array();
    if (!array) {
      fail(*node, key, "must be a list of texts");
      return all;
    }
    for (const auto& item : *array) {
      if (auto read = item.value_exact<std::string>()) {
        all.push_back(*read);
      } else {
        fail(item, key, "must be a list of texts");
      }
    }
    return all;
  }
  void fail(const char* key, const Error& error) { fail(*table_.get(key), key, error.message); }
  void fail(const toml::node& node, std::string_view key, std::string_view what) {
    if (error_) return;
    std::ostringstream place;
    place << file_ << ':' << node.source().begin.line << ':' << node.source().begin.column;
    error_ = invalid_argument(place.str() + ": key " + quote(key) + " " + std::string(what));
  }
  Result<> finish() {
    for (const auto& [key, node] : table_) {
      if (!known_.contains(std::string(key.str()))) {
        fail(node, key.str(), "is unknown; see docs/configuration.md");
      }
    }
    if (error_) return *error_;
    return {};
  }

 private:
  const toml::table& table_;
  std::string file_;
  std::set<std::string> known_;
  std::optional<Error> error_;
};

void read_tenants(Reader& reader, ServeOptions& options) {
  if (const auto demo = reader.value<std::string>("demo_tenant")) {
    auto tenant = TenantId::parse(*demo);
    if (tenant) {
      options.demo_tenant = *tenant;
    } else {
      reader.fail("demo_tenant", tenant.error());
    }
  }
  const auto named = reader.texts("legacy_tenants");
  if (!named.empty()) options.legacy_tenants.clear();
  for (const std::string& text : named) {
    auto tenant = TenantId::parse(text);
    if (tenant) {
      options.legacy_tenants.push_back(*tenant);
    } else {
      reader.fail("legacy_tenants", tenant.error());
    }
  }
}

}  // namespace

Result<ServeOptions> read_serve_options(const std::filesystem::path& file, ServeOptions options) {
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    std::ostringstream place;
    place << file.string() << ':' << error.source().begin.line << ':'
          << error.source().begin.column;
    return invalid_argument(place.str() + ": " + std::string(error.description()));
  }
  Reader reader(table, file.string());
  reader.path("data", options.data);
  reader.text("store", options.store);
  if (const auto text = reader.value<std::string>("target")) {
    auto targets = parse_targets(*text);
    if (targets) {
      options.targets = std::move(targets).value();
    } else {
      reader.fail("target", targets.error());
    }
  }
  reader.text("http", options.http);
  reader.text("grpc", options.grpc);
  reader.path("web", options.web);
  reader.text("legacy_http", options.legacy_http);
  reader.text("legacy_grpc", options.legacy_grpc);
  reader.text("mlflow", options.mlflow);
  reader.path("mlflow_token_file", options.mlflow_token_file);
  reader.text("log_level", options.log_level);
  const std::set<std::string> levels{"debug", "info", "warning", "error"};
  if (!levels.contains(options.log_level)) {
    reader.fail(*table.get("log_level"), "log_level", "must be debug, info, warning or error");
  }
  if (const auto tls = reader.value<bool>("behind_tls")) options.behind_tls = *tls;
  if (const auto hours = reader.value<std::int64_t>("waveform_retention_h")) {
    options.waveform_retention = std::chrono::hours(*hours);
    if (*hours < 1)
      reader.fail(*table.get("waveform_retention_h"), "waveform_retention_h", "must be at least 1");
  }
  if (const auto seconds = reader.value<std::int64_t>("retention_interval_s")) {
    options.retention_interval = std::chrono::seconds(*seconds);
    if (*seconds < 1)
      reader.fail(*table.get("retention_interval_s"), "retention_interval_s", "must be at least 1");
  }
  if (const auto mib = reader.value<std::int64_t>("disk_floor_mib")) {
    options.disk_floor_bytes = static_cast<std::uint64_t>(*mib) << 20;
    if (*mib < 0 || *mib > 1'000'000'000)
      reader.fail(*table.get("disk_floor_mib"), "disk_floor_mib", "must be within 0 to 10^9");
  }
  if (auto origins = reader.texts("origins"); !origins.empty()) options.origins = origins;
  read_tenants(reader, options);
  MW_TRY(reader.finish());
  return options;
}

Result<std::set<std::string>> parse_targets(std::string_view text) {
  std::set<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string name(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (std::find(std::begin(kTargets), std::end(kTargets), name) == std::end(kTargets)) {
      return invalid_argument("target " + quote(name) +
                              " is unknown; use hub, devices, analytics, analyst or web, several "
                              "with commas");
    }
    out.insert(name);
  }
  return out;
}

Result<HostPort> parse_host_port(std::string_view what, std::string_view text) {
  const std::size_t colon = text.rfind(':');
  HostPort parsed;
  if (colon != std::string_view::npos && colon > 0) {
    parsed.host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
    if (error == std::errc() && end == digits.data() + digits.size()) return parsed;
  }
  return invalid_argument(std::string(what) + " " + quote(text) +
                          " is not an address and port such as 127.0.0.1:8080");
}

}  // namespace millwright
