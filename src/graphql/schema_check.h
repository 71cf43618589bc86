#pragma once
/// Whether a schema keeps the rules between its types (October 2021, section 3, "Type validation").
///
/// Names and references are already resolved; what is checked here needs several types at once:
/// positions of input and output types, interfaces fulfilled, no empty type, no input object that
/// could never be written down.

#include "base/result.h"
#include "graphql/schema.h"

namespace millwright::graphql {

/// kInvalidArgument naming the type and field of the first violation.
Result<> check_schema(const Schema& schema);

}  // namespace millwright::graphql
