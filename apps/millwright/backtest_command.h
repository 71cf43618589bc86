#pragma once
/// `millwright backtest`: tries a detector, a rule or a model on what a tenant has stored.

#include <CLI/CLI.hpp>

namespace millwright {

/// Adds the command; running it sets `exit_code`.
void add_backtest_command(CLI::App& app, int& exit_code);

}  // namespace millwright
