#include "tools/crmctl/any_types.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/type_resolver_util.h>

#include "google/rpc/error_details.pb.h"

namespace crm::ctl {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::util::NewTypeResolverForDescriptorPool;
using google::protobuf::util::TypeResolver;

constexpr char kPrefix[] = "type.googleapis.com";

class TwoPools final : public TypeResolver {
 public:
  explicit TwoPools(const DescriptorPool* served)
      : served_(NewTypeResolverForDescriptorPool(kPrefix, served)),
        own_(NewTypeResolverForDescriptorPool(kPrefix, DescriptorPool::generated_pool())) {
    google::protobuf::LinkMessageReflection<google::rpc::ErrorInfo>();
  }
  google::protobuf::util::Status ResolveMessageType(const std::string& url,
                                                    google::protobuf::Type* type) override {
    auto status = served_->ResolveMessageType(url, type);
    return status.ok() ? status : own_->ResolveMessageType(url, type);
  }
  google::protobuf::util::Status ResolveEnumType(const std::string& url,
                                                 google::protobuf::Enum* type) override {
    auto status = served_->ResolveEnumType(url, type);
    return status.ok() ? status : own_->ResolveEnumType(url, type);
  }

 private:
  const std::unique_ptr<TypeResolver> served_;
  const std::unique_ptr<TypeResolver> own_;
};

}  // namespace

std::unique_ptr<TypeResolver> AnyTypesOf(const google::protobuf::Message& message) {
  return std::make_unique<TwoPools>(message.GetDescriptor()->file()->pool());
}

std::string TypeUrlOf(const google::protobuf::Message& message) {
  return std::string(kPrefix) + "/" + message.GetDescriptor()->full_name();
}

}  // namespace crm::ctl
