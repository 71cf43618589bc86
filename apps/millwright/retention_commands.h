#pragma once
/// `millwright retention list|set|remove|preview`: how long a tenant's samples are kept, on the
/// server's own machine. All work beside a running server, which sees a change in its next round.

#include <CLI/CLI.hpp>

namespace millwright {

/// Adds the command; running it sets `exit_code`.
void add_retention_commands(CLI::App& app, int& exit_code);

}  // namespace millwright
