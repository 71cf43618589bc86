#pragma once
/// The variables of a request, made to fit their definitions (October 2021, section 6.1.2).

#include <vector>

#include "graphql/ast.h"
#include "graphql/response_error.h"
#include "graphql/schema.h"

namespace millwright::graphql {

/// `sent` is what came with the request, an object or null. Members that no definition names are
/// ignored. A variable that was not sent and has no default is not a member of the result.
/// Errors are appended, each at its definition. `max_nesting` bounds arrays and objects in `sent`.
Json coerce_variables(const Schema& schema, const ast::Operation& operation, const Json& sent,
                      std::size_t max_nesting, std::vector<ResponseError>& errors);

}  // namespace millwright::graphql
