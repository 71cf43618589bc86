#pragma once
/// What a document would cost with its fragments expanded, counted before anything is expanded.
///
/// Each fragment is counted once and its figures are reused, so a document whose fragments double
/// at every step costs no more than its length. @skip and @include are not looked at.

#include <vector>

#include "graphql/ast.h"
#include "graphql/engine.h"
#include "graphql/response_error.h"

namespace millwright::graphql {

/// Empty when every operation stays within the limits. Never follows a cycle of fragments: that is
/// validation's to refuse.
std::vector<ResponseError> check_cost(const ast::Document& document, const Limits& limits);

}  // namespace millwright::graphql
