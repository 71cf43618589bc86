#pragma once
/// Values from outside, made to fit their type (October 2021, sections 3.5 to 3.12 and 6.1.2).
///
/// Results are JSON: enum values as their names, input objects with their defaults filled in, a
/// single value in place of a list as a list of one. Pure functions.

#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/ast.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace millwright::graphql {

/// A value written in a document. `variables` holds the coerced variables, an object; one that is
/// missing there counts as absent. Errors: kInvalidArgument naming type and value.
Result<Json> coerce_literal(const ast::Value& value, const Type& type, const Json& variables);

/// A value sent as JSON; `where` names it in an error, as in `$body.start`.
Result<Json> coerce_json(const Json& value, const Type& type, const std::string& where);

/// The arguments of a field or directive as an object. Absent ones without a default are left out.
Result<Json> coerce_arguments(const std::vector<InputValue>& definitions,
                              const std::vector<ast::Argument>& arguments, const Json& variables);

/// A number, text, boolean or enum name as the leaf type takes it, or an error naming the value.
/// Literals only; a variable, list or object fits a custom scalar alone.
Result<Json> coerce_leaf(const ast::Value& value, const NamedType& type, const Json& variables);

}  // namespace millwright::graphql
