#include "registry/memory/memory_model_registry.h"

#include "registry/testing/model_registry_contract.h"

namespace millwright {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, ModelRegistryContract, ::testing::Values([](const Clock& clock) {
                           return std::make_unique<MemoryModelRegistry>(clock);
                         }));

}  // namespace
}  // namespace millwright
