#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/shard/standard.h"

// Posts that commands leave, in the collection posts of the same service.
namespace crm::shard {

record::Status LeavePost(const Command& command, Transaction& tx) {
  const record::RecordType* posts = tx.catalogue().FindType("posts");
  if (posts == nullptr) return {};
  auto request = record::Spans::Read(command.request);
  const std::string name(request->Text(record::kName));
  auto parsed = record::Name::Parse(name);
  auto image = parsed ? tx.Find(*command.method->type, parsed->id) : std::nullopt;
  if (!image || image->empty()) return {};
  const record::Field* source = posts->Find("source");
  CRM_CHECK(source != nullptr);
  record::ImageEdit edit("");
  edit.SetText(record::kRegarding, name);
  edit.SetInteger(source->number,
                  static_cast<uint64_t>(source->options->Find("SOURCE_AUTO")->number));
  const std::string text = FillIn(command.method->command.post(), command.method->type, *image);
  edit.SetText(posts->Find("text")->number, text);
  const std::string post = edit.Build();
  return tx.Stage(*posts, tx.NewRecordId(*posts), "", WithDefaults(*posts, post, tx), "created", 1);
}

}  // namespace crm::shard
