#include "base/log.h"

#include <atomic>
#include <cstdio>
#include <mutex>

#include "base/clock.h"

namespace millwright::log {
namespace {

std::atomic<Level> g_level{Level::kInfo};
std::mutex g_mutex;  // guards g_sink and keeps lines whole
std::function<void(std::string_view)> g_sink;

std::string_view name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "info";
}

}  // namespace

void set_level(Level level) { g_level = level; }

void set_sink(std::function<void(std::string_view)> sink) {
  const std::lock_guard lock(g_mutex);
  g_sink = std::move(sink);
}

void write(Level level, std::string_view message, const nlohmann::json& fields) {
  if (level < g_level.load()) return;
  nlohmann::ordered_json line;
  line["time"] = format_utc(SystemClock{}.now());
  line["level"] = name(level);
  line["message"] = message;
  if (fields.is_object()) {
    for (const auto& [key, value] : fields.items()) line[key] = value;
  }
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  const std::lock_guard lock(g_mutex);
  if (g_sink) {
    g_sink(text);
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
}

void debug(std::string_view message, const nlohmann::json& fields) {
  write(Level::kDebug, message, fields);
}
void info(std::string_view message, const nlohmann::json& fields) {
  write(Level::kInfo, message, fields);
}
void warning(std::string_view message, const nlohmann::json& fields) {
  write(Level::kWarning, message, fields);
}
void error(std::string_view message, const nlohmann::json& fields) {
  write(Level::kError, message, fields);
}

}  // namespace millwright::log
