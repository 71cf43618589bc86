#pragma once
/// The logging front: one JSON object a line on standard error, or where the program says.
///
///   log::info("device registered", {{"tenant", tenant.str()}, {"device", device.str()}});
///
/// A message is a constant sentence, what varies goes into fields. Secrets never become fields.
/// Thread-safe; a line is written whole.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace millwright::log {

enum class Level { kDebug, kInfo, kWarning, kError };

/// Lines below this level cost one comparison. Default: kInfo.
void set_level(Level level);
/// Receives each finished line, without its newline. Default: standard error.
void set_sink(std::function<void(std::string_view line)> sink);

void write(Level level, std::string_view message, const nlohmann::json& fields);

void debug(std::string_view message, const nlohmann::json& fields = nullptr);
void info(std::string_view message, const nlohmann::json& fields = nullptr);
void warning(std::string_view message, const nlohmann::json& fields = nullptr);
void error(std::string_view message, const nlohmann::json& fields = nullptr);

}  // namespace millwright::log
