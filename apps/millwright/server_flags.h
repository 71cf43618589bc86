#pragma once
/// Which server a command speaks of: its configuration file, and what overrides it.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "apps/millwright/serve_options.h"

namespace millwright {

struct ServerFlags {
  std::string config;  ///< empty: none
  std::optional<std::string> data, store;
};

/// --config, --data and --store of a command that works beside a server.
void add_server_options(CLI::App& command, ServerFlags& flags);

/// Errors: those of the configuration file.
Result<ServeOptions> read_serve_options(const ServerFlags& flags);

}  // namespace millwright
