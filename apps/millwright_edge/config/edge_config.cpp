#include "edge_config.h"

#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "base/text.h"
#include "model/timezone.h"
#include "sensor_table.h"
#include "toml_reader.h"

namespace millwright {
namespace {

/// Splits http://host[:port].
bool split_url(const std::string& url, std::string* host, std::string* port) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return false;
  const std::string rest = url.substr(kScheme.size());
  const std::size_t colon = rest.rfind(':');
  *host = rest.substr(0, colon);
  *port = colon == std::string::npos ? "80" : rest.substr(colon + 1);
  const bool is_port =
      !port->empty() && port->size() <= 5 &&
      std::all_of(port->begin(), port->end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_port && !host->empty() && host->find_first_of("/?#@ ") == std::string::npos;
}

Result<> read_device(TableReader& table, EdgeConfig* config) {
  table.text("tenant", &config->tenant);
  table.text("identifier", &config->device);
  table.text("description", &config->description);
  table.text("timezone", &config->timezone);
  table.text("city", &config->city);
  table.text("country", &config->country);
  table.number("long", -180, 180, &config->longitude_deg);
  table.number("lat", -90, 90, &config->latitude_deg);
  table.require("tenant");
  table.require("identifier");
  if (auto id = TenantId::parse(config->tenant); !id) table.refuse("tenant", id.error().message);
  if (auto id = DeviceId::parse(config->device); !id) {
    table.refuse("identifier", id.error().message);
  }
  if (auto zone = check_timezone(config->timezone); !zone) {
    table.refuse("timezone", zone.error().message);
  }
  return table.finish();
}

Result<> read_hub(TableReader& table, EdgeConfig* config) {
  std::int64_t first_ms = config->first_retry.count();
  std::int64_t longest_ms = config->longest_retry.count();
  table.text("address", &config->hub_address);
  table.text("api", &config->api_url);
  table.text("claim", &config->claim);
  table.text("claim_file", &config->claim_file);
  table.integer("first_retry_ms", 10, 60'000, &first_ms);
  table.integer("longest_retry_ms", 10, 3'600'000, &longest_ms);
  table.require("address");
  if (config->hub_address.find(':') == std::string::npos) {
    table.refuse("address", "is " + quote(config->hub_address) + "; expected host:port");
  }
  while (config->api_url.ends_with('/')) config->api_url.pop_back();
  if (!config->api_url.empty() &&
      !split_url(config->api_url, &config->api_host, &config->api_port)) {
    table.refuse("api", "is " + quote(config->api_url) +
                            "; expected http://host:port (TLS is not supported yet)");
  }
  if (longest_ms < first_ms) {
    table.refuse("longest_retry_ms", "is shorter than first_retry_ms; make it longer");
  }
  config->first_retry = std::chrono::milliseconds(first_ms);
  config->longest_retry = std::chrono::milliseconds(longest_ms);
  return table.finish();
}

Result<> read_agent(TableReader& table, EdgeConfig* config) {
  std::int64_t budget_mib = static_cast<std::int64_t>(config->journal_budget_bytes >> 20);
  std::int64_t flush_ms = config->flush_interval.count();
  std::string level = "info";
  table.text("data", &config->data_folder);
  table.integer("journal_budget_mib", 32, 1 << 20, &budget_mib);
  table.integer("flush_interval_ms", 1, 60'000, &flush_ms);
  table.text("log_level", &level);
  if (level == "debug") {
    config->log_level = log::Level::kDebug;
  } else if (level == "warning") {
    config->log_level = log::Level::kWarning;
  } else if (level == "error") {
    config->log_level = log::Level::kError;
  } else if (level != "info") {
    table.refuse("log_level", "is " + quote(level) + "; expected debug, info, warning or error");
  }
  config->journal_budget_bytes = static_cast<std::uint64_t>(budget_mib) << 20;
  config->flush_interval = std::chrono::milliseconds(flush_ms);
  return table.finish();
}

Result<replay::ReplayColumn> read_column(const toml::table& table, const std::string& file) {
  TableReader reader(table, "replay.columns", file);
  replay::ReplayColumn column;
  std::string path;
  reader.text("column", &column.column);
  reader.text("metric", &column.metric_identifier);
  reader.text("unit", &column.unit);
  reader.text("display_name", &column.display_name);
  reader.text("path", &path);
  if (table.get("path") != nullptr) column.path = path;
  reader.require("column");
  if (auto parsed = Path::parse(path); !parsed) reader.refuse("path", parsed.error().message);
  MW_TRY(reader.finish());
  return column;
}

Result<> read_replay(const toml::table& table, const std::string& file, const std::string& folder,
                     EdgeConfig* config) {
  TableReader reader(table, "replay", file);
  replay::ReplayOptions replay;
  ConfigPlaces places = places_of(table, file);
  reader.text("file", &replay.file);
  reader.text("path", &replay.path);
  reader.number("speed", 1e-6, 1e6, &replay.speed);
  reader.flag("loop", &replay.loop);
  reader.number("start_offset", 0, 1e12, &replay.start_offset_s);
  reader.require("file");
  if (auto path = Path::parse(replay.path); !path) reader.refuse("path", path.error().message);
  const toml::node* columns = reader.node("columns");
  if (columns != nullptr && !columns->is_array_of_tables()) {
    reader.refuse("columns", "expected a list of tables such as {column = \"t\", unit = \"°C\"}");
  }
  MW_TRY(reader.finish());
  if (columns != nullptr) {
    for (const toml::node& item : *columns->as_array()) {
      MW_ASSIGN(auto column, read_column(*item.as_table(), file));
      places.keys["columns." + column.column] = place_of(file, item.source());
      replay.columns.push_back(std::move(column));
    }
  }
  replay.file = (std::filesystem::path(folder) / replay.file).string();
  config->replays.push_back(std::move(replay));
  config->replay_places.push_back(std::move(places));
  return {};
}

/// Calls `read` for each table of a list of tables.
template <typename Read>
Result<> for_each_table(TableReader& root, const char* key, const Read& read) {
  const toml::node* list = root.node(key);
  if (list == nullptr) return {};
  if (!list->is_array_of_tables()) {
    root.refuse(key, std::string("expected tables that begin with [[") + key + "]]");
    return root.finish();
  }
  for (const toml::node& item : *list->as_array()) MW_TRY(read(*item.as_table()));
  return {};
}

template <typename Read>
Result<> for_table(TableReader& root, const char* key, const std::string& file, EdgeConfig* config,
                   const Read& read) {
  static const toml::table kEmpty;
  const toml::node* found = root.node(key);
  if (found != nullptr && !found->is_table()) {
    root.refuse(key, std::string("expected a table that begins with [") + key + "]");
    return root.finish();
  }
  TableReader reader(found == nullptr ? kEmpty : *found->as_table(), key, file);
  return read(reader, config);
}

}  // namespace

Result<EdgeConfig> parse_edge_config(std::string_view text, const std::string& name,
                                     const std::string& folder) {
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed) {
    return error_at(name, parsed.error().source(), std::string(parsed.error().description()));
  }
  EdgeConfig config;
  TableReader root(parsed.table(), "", name);
  for (const char* key : {"device", "hub", "agent", "sensor", "replay"}) root.node(key);
  MW_TRY(root.finish());
  MW_TRY(for_table(root, "device", name, &config, read_device));
  MW_TRY(for_table(root, "hub", name, &config, read_hub));
  MW_TRY(for_table(root, "agent", name, &config, read_agent));
  MW_TRY(for_each_table(root, "sensor", [&](const toml::table& table) -> Result<> {
    MW_ASSIGN(auto sensor, read_sensor(table, name));
    config.sensors.push_back(std::move(sensor));
    config.sensor_places.push_back(places_of(table, name));
    return {};
  }));
  MW_TRY(for_each_table(root, "replay", [&](const toml::table& table) -> Result<> {
    return read_replay(table, name, folder, &config);
  }));
  const auto in_folder = [&](std::string* path) {
    if (!path->empty()) *path = (std::filesystem::path(folder) / *path).string();
  };
  in_folder(&config.data_folder);
  in_folder(&config.claim_file);
  return config;
}

Result<EdgeConfig> load_edge_config(const std::string& path) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) {
    return not_found("the configuration " + quote(path) + " is no file; check --config");
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && !in.eof()) return unavailable("the configuration " + quote(path) + " is unreadable");
  if (text.size() > (1 << 20)) {
    return invalid_argument("the configuration " + quote(path) + " has more than 1 MiB");
  }
  return parse_edge_config(text, path, std::filesystem::path(path).parent_path().string());
}

}  // namespace millwright
