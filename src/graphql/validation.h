#pragma once
/// Whether a document can be executed at all: the rules of October 2021, section 5.
///
/// Call check_cost() first: it bounds what fragments expand to, and this relies on it. No message
/// suggests a name, so that a schema cannot be guessed from errors.

#include <cstddef>
#include <vector>

#include "graphql/ast.h"
#include "graphql/response_error.h"
#include "graphql/schema.h"

namespace millwright::graphql {

/// Empty for a valid document. At most `max_errors`, then a last one says so.
std::vector<ResponseError> validate(const Schema& schema, const ast::Document& document,
                                    std::size_t max_errors);

}  // namespace millwright::graphql
