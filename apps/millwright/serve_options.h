#pragma once
/// What `millwright serve` runs with: a TOML file, overridden by the command line.

#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace millwright {

struct ServeOptions {
  std::filesystem::path data = "var";
  /// Where tenants' data lie: postgres://…, or empty for the data folder (tenant_stores.h).
  std::string store;
  /// The parts to run, of kTargets; empty: all.
  std::set<std::string> targets;
  std::string http = "127.0.0.1:8080";
  std::string grpc = "127.0.0.1:50051";
  std::filesystem::path web = "web/dist";
  /// Callers without credentials see this tenant, read-only.
  std::optional<TenantId> demo_tenant;
  /// The old contract, which has no credentials: served for these tenants on `legacy_http` and
  /// `legacy_grpc`, or, where these are empty (the demo), beside the new one.
  std::vector<TenantId> legacy_tenants;
  std::string legacy_http;
  std::string legacy_grpc;
  std::vector<std::string> origins;           ///< other web origins that may call the APIs
  bool behind_tls = false;                    ///< a proxy in front speaks TLS: Secure cookies, HSTS
  std::chrono::hours waveform_retention{48};  ///< for tenants without a rule of their own
  std::chrono::seconds retention_interval{3600};  ///< between two removals of what has expired
  /// Below this much free space no samples are taken in; missing: DiskWatchOptions' own, 0: never.
  std::optional<std::uint64_t> disk_floor_bytes;
  /// Address of an MLflow server whose models may be asked for; empty: none.
  std::string mlflow;
  std::filesystem::path mlflow_token_file;  ///< empty: the environment, as MLflow's clients do
  std::string log_level = "info";

  bool runs(const std::string& target) const { return targets.empty() || targets.contains(target); }
};

/// The parts of the platform that a process may run alone.
inline constexpr const char* kTargets[] = {"hub", "devices", "analytics", "analyst", "web"};
/// "hub,devices". Errors: kInvalidArgument naming the unknown one.
Result<std::set<std::string>> parse_targets(std::string_view text);

/// Reads a configuration file over `defaults`.
/// Errors: kInvalidArgument "FILE:LINE:COLUMN: ..." naming the key; unknown keys are refused.
Result<ServeOptions> read_serve_options(const std::filesystem::path& file, ServeOptions defaults);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
/// "127.0.0.1:8080". Errors: kInvalidArgument naming `what`.
Result<HostPort> parse_host_port(std::string_view what, std::string_view text);

}  // namespace millwright
