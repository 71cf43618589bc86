#include "graphql/validation.h"

#include "graphql/validation_rules.h"

namespace millwright::graphql {

void Validation::error(std::string message, std::vector<ast::Location> locations) {
  if (is_full()) return;
  if (errors_.size() == max_errors_) {
    message = "Too many errors; the others are left out.";
    locations.clear();
  }
  errors_.push_back({std::move(message), std::move(locations), {}, ErrorCode::kInvalidArgument});
}

std::vector<ResponseError> validate(const Schema& schema, const ast::Document& document,
                                    std::size_t max_errors) {
  Validation validation(schema, document, max_errors);
  validate_operations(validation);
  const bool expandable = validate_fragments(validation);
  validate_fields(validation);
  validate_arguments(validation);
  validate_directives(validation);
  validate_values(validation);
  validate_variables(validation);
  if (expandable) validate_merging(validation);
  return validation.take_errors();
}

}  // namespace millwright::graphql
