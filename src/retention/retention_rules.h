#pragma once
/// Which rule counts for a metric, and which of its samples have been kept long enough.
///
/// Pure; any thread.

#include <span>
#include <vector>

#include "model/retention_rule.h"
#include "storage/sample_store.h"

namespace millwright::retention {

/// A scope from texts that people write; what is missing means all.
/// Errors: kInvalidArgument naming text and rule.
Result<RetentionScope> parse_scope(const std::optional<std::string>& device,
                                   const std::optional<std::string>& path,
                                   const std::optional<std::string>& metric, bool waveforms_only);

/// Whether the rule's scope has this metric in it.
bool covers(const RetentionScope& scope, const Metric& metric);

/// The most specific rule that covers the metric: first the one whose metric identifier has more
/// labels, then the one with the longer path, then one for a device before one for all, then one
/// for waveforms before one for everything. Null where none covers it: it is kept for ever.
const RetentionRule* rule_for(std::span<const RetentionRule> rules, const Metric& metric);

/// What has expired of these metrics at `now`; metrics that are kept for ever are left out.
std::vector<Expiry> expiries(std::span<const RetentionRule> rules, std::span<const Metric> metrics,
                             Timestamp now);

/// The default of a server: waveforms, which are large, are kept for `keep`.
RetentionRule waveform_default(std::chrono::hours keep);

/// The tenant's rules and, where it has none of the same scope, the default.
std::vector<RetentionRule> with_default(std::vector<RetentionRule> rules,
                                        const RetentionRule& preset);

}  // namespace millwright::retention
