#include "tools/bench/requests.h"

#include "crm/record/v1/methods.pb.h"
#include "crm/sales/v1/lead.pb.h"

namespace crm::bench {

using sales::v1::Lead;

std::string CreateLeadBytes(int number) {
  const std::string n = std::to_string(number);
  sales::v1::CreateLeadRequest request;
  Lead& lead = *request.mutable_lead();
  lead.set_subject("Interested in the training for spring, request " + n);
  lead.set_company_name("Construct Nord " + std::to_string(number % 5000) + " SRL");
  lead.set_job_title("Head of purchasing");
  lead.set_lead_source(static_cast<Lead::Source>(2 + number % 10));
  lead.set_rating(static_cast<Lead::Rating>(2 + number % 3));
  lead.set_industry(static_cast<crm::type::v1::Industry>(2 + number % 33));
  lead.mutable_revenue()->set_currency_code("EUR");
  lead.mutable_revenue()->set_units(100'000 + number);
  lead.set_number_of_employees(20 + number % 700);
  lead.set_website("https://construct-nord.example/" + n);
  lead.mutable_budget_amount()->set_currency_code("EUR");
  lead.mutable_budget_amount()->set_units(5'000 + number % 1000);
  lead.set_decision_maker(number % 2 == 0);
  lead.set_need(crm::type::v1::NEED_SHOULD_HAVE);
  lead.set_purchase_timeframe(crm::type::v1::PURCHASE_TIMEFRAME_NEXT_QUARTER);
  lead.set_description(
      "Met at the fair in Cluj; wants an offer for twelve people, two groups, in the mornings, "
      "with certificates. Call back after the holidays.");
  lead.set_first_name("Ana");
  lead.set_last_name("Ionescu " + n);
  lead.set_email("ana.ionescu" + n + "@construct-nord.example");
  lead.set_telephone1("+40 264 555 " + std::to_string(100 + number % 900));
  lead.set_mobile("+40 740 555 " + std::to_string(100 + number % 900));
  lead.mutable_address1()->set_line1("Strada Memorandumului " + std::to_string(number % 100));
  lead.mutable_address1()->set_city("Cluj-Napoca");
  lead.mutable_address1()->set_postal_code("400114");
  lead.mutable_address1()->set_country("Romania");
  request.set_request_id("bench-create-" + n);
  return request.SerializeAsString();
}

std::string GetLeadBytes(const std::string& name) {
  record::v1::GetRequest request;
  request.set_name(name);
  return request.SerializeAsString();
}

std::string UpdateLeadBytes(const std::string& name, int number) {
  sales::v1::UpdateLeadRequest request;
  request.mutable_lead()->set_name(name);
  request.mutable_lead()->set_telephone1("+40 21 " + std::to_string(number));
  request.mutable_lead()->set_rating(static_cast<Lead::Rating>(2 + number % 3));
  request.mutable_lead()->set_description("Called " + std::to_string(number) + " times.");
  request.set_request_id("bench-update-" + std::to_string(number));
  for (const char* path : {"telephone1", "rating", "description"})
    request.mutable_update_mask()->add_paths(path);
  return request.SerializeAsString();
}

}  // namespace crm::bench
