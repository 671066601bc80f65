#include "libs/store/layout.h"

#include <gtest/gtest.h>

#include <set>

#include "libs/store/example_catalogue.h"
#include "libs/store/key.h"
#include "libs/store/tables.h"

// What becomes of a store that another release wrote.
namespace crm::store {
namespace {

std::string BuiltInLayout() { return Layout::Of(example::BuiltIn(), {}).Encode(); }

LayoutChange Of(const std::string& layout, const Kept& kept = {}, bool passed_over = false) {
  return ChangeOf(layout, example::BuiltIn(), kept, passed_over);
}

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

std::string WithoutType(std::string text, const std::string& message) {
  const auto end = text.find(' ' + message + '\n');
  const auto begin = text.rfind("type ", end);
  const auto number = text.substr(begin + 5, text.find(' ', begin + 5) - begin - 5);
  text.erase(begin, text.find('\n', end) + 1 - begin);
  const std::string index = "\nindex " + number + ' ';
  for (size_t at; (at = text.find(index)) != std::string::npos;) {
    text.erase(at, text.find('\n', at + 1) - at);
  }
  return text;
}

TEST(Layout, StaysWhatItIs) {
  EXPECT_EQ(Of(BuiltInLayout()).kind, LayoutChange::Kind::kNone);
  const auto decoded = Layout::Decode(BuiltInLayout());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->Encode(), BuiltInLayout());
}

TEST(Layout, OfANewerReleaseIsRefused) {
  const auto newer = Replaced(BuiltInLayout(), "format ", "format 9");
  EXPECT_EQ(Of(newer).kind, LayoutChange::Kind::kRefused);
  EXPECT_NE(Of(newer).why.find("newer release"), std::string::npos);
  // Whatever else has become of it.
  EXPECT_EQ(Of("format 1000\nanything\n").kind, LayoutChange::Kind::kRefused);
  const auto more = BuiltInLayout() + "type 998 0 0 crm.test.v1.Dragon\n";
  EXPECT_EQ(Of(more).kind, LayoutChange::Kind::kRefused);
  EXPECT_NE(Of(more).why.find("crm.test.v1.Dragon"), std::string::npos);
}

TEST(Layout, OfOtherKeysIsBuiltAnew) {
  EXPECT_EQ(Of("format 1\n").kind, LayoutChange::Kind::kWhole);
  EXPECT_EQ(Of("").kind, LayoutChange::Kind::kWhole);
  EXPECT_EQ(Of(Replaced(BuiltInLayout(), "icu ", "icu 1")).kind, LayoutChange::Kind::kWhole);
  EXPECT_EQ(Of(BuiltInLayout(), {"sales", {}}).kind, LayoutChange::Kind::kWhole);
  EXPECT_EQ(Of(Replaced(BuiltInLayout(), "crm.sales.v1.Lead", "crm.sales.v1.Prospect")).kind,
            LayoutChange::Kind::kWhole);
}

TEST(Layout, TakesInANewRecordTypeUnlessEventsOfItWerePassedOver) {
  const auto before = WithoutType(BuiltInLayout(), "crm.sales.v1.Lead");
  EXPECT_EQ(Of(before, {}, true).kind, LayoutChange::Kind::kWhole);
  const auto change = Of(before);
  ASSERT_EQ(change.kind, LayoutChange::Kind::kParts);
  for (const auto& part : change.after.parts) EXPECT_FALSE(part.building);
}

TEST(Layout, GivesNoNumberTwice) {
  const auto leads = example::Type("leads").number;
  const auto other = example::WithLeads([](record::v1::Record& record) {
    example::DeclaredIndex(record, "state,rating")->set_past(false);
  });
  auto layout = BuiltInLayout();
  std::set<uint16_t> numbers;
  for (const record::Catalogue* catalogue : std::initializer_list<const record::Catalogue*>{
           other.get(), &example::BuiltIn(), other.get()}) {
    const auto change = ChangeOf(layout, *catalogue, {}, false);
    ASSERT_EQ(change.kind, LayoutChange::Kind::kParts);
    ASSERT_EQ(change.removed.size(), 1u);
    EXPECT_EQ(change.removed.front().type, leads);
    for (const auto& part : change.after.parts) {
      if (part.building && part.declaration.starts_with("state,rating")) {
        EXPECT_TRUE(numbers.insert(part.number).second);
      }
    }
    layout = change.after.Encode();
  }
  EXPECT_EQ(numbers.size(), 3u);
}

TEST(Layout, OfCopiesIsBuiltAnewAsThereIsNoHistory) {
  const auto other = example::WithLeads([](record::v1::Record& record) {
    example::DeclaredIndex(record, "state,rating")->set_past(false);
  });
  const Kept kept{"", {example::Type("leads").number}};
  EXPECT_EQ(ChangeOf(BuiltInLayout(), *other, kept, false).kind, LayoutChange::Kind::kWhole);
}

TEST(Layout, AStoreOfANewerReleaseIsLeftAlone) {
  StoreOptions options;
  options.path = "/store";
  options.disk = Disk::InMemory();
  example::Commits commits;
  sales::v1::Lead lead;
  commits.Add("acme", {example::Of(lead, example::Id(1))});
  {
    const auto store = example::Open(options.disk);
    commits.ApplyTo(*store);
    store->Flush();
  }
  auto write = [&](const std::string& layout) {
    auto tables = Tables::Open(options, example::BuiltIn());
    ASSERT_TRUE(tables);
    rocksdb::WriteBatch batch;
    batch.Put(kLayoutKey, layout);
    tables->tables->Write(&batch);
    tables->tables->Flush();
  };
  write(Replaced(BuiltInLayout(), "format ", "format 9"));
  const auto refused = Store::Open(options, example::BuiltIn());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("newer release"), std::string::npos);
  EXPECT_FALSE(refused.error().retry);
}

}  // namespace
}  // namespace crm::store
