#pragma once
/// The table that `millwright evaluate all` writes: every figure beside its baseline and what was
/// wanted of it.

#include <span>
#include <string>

#include "apps/millwright/commands/evaluation_report.h"

namespace millwright {

/// Markdown: one row a figure that has a target, and one for the others of a protocol.
std::string to_markdown(std::span<const EvaluationReport> reports);

}  // namespace millwright
