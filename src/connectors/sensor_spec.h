#pragma once
/// A sensor as a person or a command configures it, with its JSON form.
///
///   {"sensor_identifier": "temperature.ambient", "sensor_type": "temperature", "path": "hall",
///    "sampling_interval": 1.0, "data": {"offset": 21.5, "disturbances": [
///      {"disturbance_type": "white_noise", "parameters": {"mean": 0, "std": 0.1}}]}}
///
/// A null is as good as a missing member. Members that are not named here are ignored.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright {

enum class SensorType { kTemperature, kHumidity, kVibration };
std::string_view to_string(SensorType type);

struct WhiteNoise {
  double mean = 0;
  double std = 0;  ///< >= 0
};
struct RandomSpike {
  double probability = 0;  ///< of a spike at a sample, 0 to 1
  double low = 0;          ///< height: uniform in low..high
  double high = 0;
};
struct Drift {
  double rate = 0;          ///< per sample
  std::uint64_t start = 0;  ///< number of samples before it begins
};
using Disturbance = std::variant<WhiteNoise, RandomSpike, Drift>;

/// A span in which a simulated sensor shows what it should not: value + mean + std * normal.
struct InjectedAnomaly {
  std::int64_t start_us = 0;  ///< UTC, inclusive
  std::int64_t end_us = 0;    ///< exclusive
  std::string type;           ///< the caller's own word for it
  double mean = 0;
  double std = 0;  ///< >= 0
};

struct SensorSpec {
  std::string identifier;  ///< metric identifier, or its beginning for a vibration sensor
  SensorType type = SensorType::kTemperature;
  std::string path;
  double sampling_interval_s = 1;  ///< 0.01 to 86,400; for vibration at least 0.25
  std::string unit;                ///< empty: the type's own
  std::string display_name;        ///< empty: made from the identifier
  std::uint64_t seed = 0;

  // temperature, humidity: offset + ARMA(p,q) process + disturbances
  std::optional<double> offset;
  std::optional<std::vector<double>> ar;  ///< at most 16, a stable process
  std::optional<std::vector<double>> ma;  ///< at most 16
  std::optional<double> std;              ///< of the innovations
  std::vector<Disturbance> disturbances;
  std::vector<InjectedAnomaly> anomalies;  ///< at most 100

  // vibration
  std::string fault_type = "no_fault";
  double speed_hz = 25;  ///< shaft revolutions a second
  double load_nm = 80;
};

/// Errors: kInvalidArgument naming the member, its value, and what is expected.
Result<SensorSpec> parse_sensor(const nlohmann::json& json);
nlohmann::json to_json(const SensorSpec& spec);

/// `[{start, end, anomalie_type, mean, std}]`; times are ISO 8601 (UTC without an offset) or
/// seconds since the epoch. Errors: kInvalidArgument naming the entry and its member.
Result<std::vector<InjectedAnomaly>> parse_anomalies(const nlohmann::json& list);

/// Whether x_t = ar_1 x_(t-1) + ... + e stays bounded: all reflection coefficients of the step-down
/// recursion lie inside (-1, 1) (Kay, Modern Spectral Estimation, 1988, section 6.3).
bool is_stable(const std::vector<double>& ar);

}  // namespace millwright
