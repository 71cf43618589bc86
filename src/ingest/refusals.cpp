#include "ingest/refusals.h"

#include "millwright/ingest/v1/ingest.pb.h"

namespace millwright::ingest {

// The form is an Ack of the wire that carries nothing but refusals.

std::string encode_refusals(const std::vector<RecordRefusals>& refusals) {
  v1::Ack out;
  for (const RecordRefusals& record : refusals) {
    auto& to = *out.add_refusals();
    to.set_seq(record.seq);
    for (const SampleRefusal& sample : record.samples) {
      auto& refusal = *to.add_samples();
      refusal.set_index(sample.index);
      refusal.set_code(sample.code);
      refusal.set_message(sample.message);
    }
  }
  std::string bytes;
  MW_CHECK(out.SerializeToString(&bytes));
  return bytes;
}

std::vector<RecordRefusals> decode_refusals(const std::vector<std::string>& rows,
                                            std::uint64_t from_seq, std::uint64_t to_seq) {
  std::vector<RecordRefusals> out;
  for (const std::string& row : rows) {
    v1::Ack stored;
    if (!stored.ParseFromString(row)) continue;
    for (const auto& record : stored.refusals()) {
      if (record.seq() < from_seq || record.seq() > to_seq) continue;
      RecordRefusals refusals{record.seq(), {}};
      for (const auto& sample : record.samples()) {
        refusals.samples.push_back({sample.index(), sample.code(), sample.message()});
      }
      out.push_back(std::move(refusals));
    }
  }
  return out;
}

}  // namespace millwright::ingest
