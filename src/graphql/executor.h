#pragma once
/// Runs a plan and writes the data of the response (October 2021, section 6.4).
///
/// Values are completed straight into the response text. Where null has to propagate, the text is
/// cut back to the nearest nullable place: no intermediate tree is built. One Executor serves one
/// execution, on one thread.

#include <any>
#include <string>
#include <vector>

#include "graphql/engine.h"
#include "graphql/plan.h"
#include "graphql/response_error.h"

namespace millwright::graphql {

class Executor {
 public:
  Executor(const Schema& schema, Planner& planner, const std::any& context, const Limits& limits)
      : schema_(schema), planner_(planner), context_(context), limits_(limits) {}

  /// The whole response: `{"data":…}`, with "errors" where there are some.
  std::string run(const ast::Operation& operation);
  /// The same for an event: the root field's value is `event`, no resolver is asked.
  std::string run_event(const ast::Operation& operation, const ResolvedValue& event);
  std::size_t error_count() const { return errors_.size(); }

 private:
  struct Step {
    const std::string* key;  // null for an index
    std::size_t index;
  };

  // These write a value and return false when null must propagate to the parent; what was written
  // is then cut off by whoever turns it into null.
  bool selection(SelectionPlan& plan, const ValueView& object);
  bool field(FieldPlan& plan, const ValueView& object);
  bool answer(FieldPlan& plan, const ValueView& object);
  bool answer_null(const FieldPlan& plan, std::string message, ErrorCode code);
  bool complete(FieldPlan& plan, const Type& type, const ValueView& value);
  bool complete_present(FieldPlan& plan, const Type& type, const ValueView& value);
  bool complete_list(FieldPlan& plan, const Type& item_type, const ValueView& value);
  bool complete_object(FieldPlan& plan, const NamedType& type, const ValueView& value);
  bool complete_leaf(const FieldPlan& plan, const NamedType& type, const ValueView& value);
  template <typename Item>
  bool items(FieldPlan& plan, const Type& item_type, std::size_t count, Item&& item);

  Result<ResolvedValue> call(FieldPlan& plan, const Json& arguments, const ValueView& object);
  const NamedType* object_type(const NamedType& type, const ValueView& value) const;
  std::string finish(bool written);
  bool fail(const FieldPlan& plan, std::string message, ErrorCode code = ErrorCode::kInternal);
  bool is_overflowing();

  const Schema& schema_;
  Planner& planner_;
  const std::any& context_;
  const Limits& limits_;
  std::string out_;
  std::vector<Step> path_;
  std::vector<ResponseError> errors_;
  bool overflow_ = false;
};

/// Writes a leaf as its type wants it; false, with nothing written, when the value does not fit.
bool append_leaf(std::string& out, const NamedType& type, const ValueView& value);

}  // namespace millwright::graphql
