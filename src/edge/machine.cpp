#include "edge/machine.h"

#include "base/log.h"
#include "base/text.h"

namespace millwright::edge {
namespace {

std::string place(const std::string& identifier, const std::string& path) {
  return quote(identifier) + (path.empty() ? std::string() : " at path " + quote(path));
}

}  // namespace

Result<> Machine::check_metrics(const Connector& connector) const {
  for (const MetricDescription& metric : connector.metrics()) {
    for (const Part& part : parts_) {
      for (const MetricDescription& other : part.connector->metrics()) {
        if (metric.metric_identifier == other.metric_identifier && metric.path == other.path) {
          return already_exists("metric " + place(metric.metric_identifier, metric.path) +
                                " comes from " + quote(part.name) +
                                " already; take another identifier or path");
        }
      }
    }
  }
  return {};
}

Result<> Machine::add_connector(std::string name, std::unique_ptr<Connector> connector) {
  MW_TRY(check_metrics(*connector));
  parts_.push_back({std::move(name), std::nullopt, std::move(connector)});
  return {};
}

Result<> Machine::add_sensor(const SensorSpec& spec, Moment now) {
  for (const Part& part : parts_) {
    if (part.spec && part.spec->identifier == spec.identifier && part.spec->path == spec.path) {
      return already_exists("sensor " + place(spec.identifier, spec.path) +
                            " exists already; remove it first to change it");
    }
  }
  MW_ASSIGN(auto connector, factory_(spec, now));
  MW_TRY(check_metrics(*connector));
  parts_.push_back({spec.identifier, spec, std::move(connector)});
  return {};
}

Result<> Machine::remove_sensor(const std::string& identifier, const std::string& path) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& spec = parts_[i].spec;
    if (!spec || spec->identifier != identifier) continue;
    if (path.empty() || spec->path == path) found.push_back(i);
  }
  if (found.empty()) {
    return not_found("sensor " + place(identifier, path) + " does not exist");
  }
  if (found.size() > 1) {
    return failed_precondition("sensor " + quote(identifier) + " exists at " +
                               std::to_string(found.size()) + " paths; say which path");
  }
  parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(found.front()));
  return {};
}

std::vector<SensorSpec> Machine::sensors() const {
  std::vector<SensorSpec> out;
  for (const Part& part : parts_) {
    if (part.spec) out.push_back(*part.spec);
  }
  return out;
}

void Machine::read(Moment now, const Taker& take) {
  for (Part& part : parts_) {
    if (part.connector->next_due() > now.steady) continue;
    auto readings = part.connector->read(now);
    if (!readings) {
      if (!part.has_failed) {
        log::warning("a connector cannot be read",
                     {{"connector", part.name}, {"reason", readings.error().message}});
      }
      part.has_failed = true;
      continue;
    }
    part.has_failed = false;
    const auto metrics = part.connector->metrics();
    for (Reading& reading : *readings) {
      take(metrics[reading.metric], std::move(reading.values));
    }
  }
}

Machine::Time Machine::next_due() const {
  Time due = Time::max();
  for (const Part& part : parts_) due = std::min(due, part.connector->next_due());
  return due;
}

}  // namespace millwright::edge
