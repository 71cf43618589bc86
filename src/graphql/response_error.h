#pragma once
/// One entry of a response's "errors" (October 2021, section 7.1.2).

#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/ast.h"
#include "graphql/value.h"

namespace millwright::graphql {

struct ResponseError {
  std::string message;
  std::vector<ast::Location> locations;
  Json path;  ///< Array of names and indices; null for an error that belongs to no field.
  ErrorCode code = ErrorCode::kInvalidArgument;  ///< Sent as `extensions.code`.
};

}  // namespace millwright::graphql
