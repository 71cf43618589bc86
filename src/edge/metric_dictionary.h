#pragma once
/// Gives metrics the references under which records name them.
///
/// A reference is a hash of place and type, so that it means the same after a restart and in every
/// epoch; an entry is declared once in a process and again at the start of each segment. Collisions
/// inside one agent take the next free number. Not thread-safe.

#include <map>
#include <set>

#include "connectors/connector.h"

namespace millwright::edge {

class MetricDictionary {
 public:
  explicit MetricDictionary(std::string device) : device_(std::move(device)) {}

  /// The metric's reference. When it has not been declared yet, its entry, a record's bytes, is
  /// appended to `undeclared` first.
  std::uint32_t reference(const MetricDescription& metric, std::int64_t now_us,
                          std::vector<std::string>* undeclared);
  /// Entries of all metrics that were declared.
  std::vector<std::string> entries(std::int64_t now_us) const;
  /// Entries are declared anew when they are needed next.
  void declare_again() { declared_.clear(); }

 private:
  std::string encode_entry(const MetricDescription& metric, std::uint32_t reference,
                           std::int64_t now_us) const;

  std::string device_;
  std::map<MetricDescription, std::uint32_t> references_;
  std::set<std::uint32_t> taken_;
  std::set<std::uint32_t> declared_;
};

}  // namespace millwright::edge
