"""Salesforce's own sample: accounts with their contacts and opportunities, and persons who are there twice."""
import csv
import datetime
import json

from calls import Calls, date, money, record_id

LOAD_ID = 'salesforce-sample'
CURRENCY = 'USD'
INDUSTRIES = {
    'Agriculture': 'INDUSTRY_AGRICULTURE_AND_NON_PETROL_NATURAL_RESOURCE_EXTRACTION',
    'Banking': 'INDUSTRY_FINANCIAL',
    'Chemicals': 'INDUSTRY_PETROCHEMICAL_EXTRACTION_AND_DISTRIBUTION',
    'Communications': 'INDUSTRY_BROADCASTING_PRINTING_AND_PUBLISHING',
    'Consulting Education': 'INDUSTRY_CONSULTING',
    'Finance': 'INDUSTRY_FINANCIAL',
    'Healthcare': 'INDUSTRY_DOCTORS_OFFICES_AND_CLINICS',
    'Technology': 'INDUSTRY_CONSULTING',
    'Telecommunications': 'INDUSTRY_BROADCASTING_PRINTING_AND_PUBLISHING',
}
STAGES = {  # else SALES_STAGE_QUALIFY; the sample has none that is closed
    'Needs Analysis': 'SALES_STAGE_DEVELOP',
    'Value Proposition': 'SALES_STAGE_DEVELOP',
    'Negotiation/Review': 'SALES_STAGE_CLOSE',
}


def without_blanks(fields):
    return {name: value for name, value in fields.items() if value not in ('', None, {})}


def address(row, kind):
    return without_blanks({
        'line1': row.get(f'{kind}Street'), 'city': row.get(f'{kind}City'), 'state': row.get(f'{kind}State'),
        'postal_code': row.get(f'{kind}PostalCode'), 'country': row.get(f'{kind}Country')})


class Salesforce:
    def __init__(self, folder, user):
        self.folder = folder / 'sales'
        self.user = user
        self.accounts = self.read('Accounts')
        self.contacts = self.read('Contacts')
        self.opportunities = self.read('Opportunities')
        with open(self.folder / 'sf_Duplicate-PersonAccounts.csv', encoding='utf-8', newline='') as file:
            self.persons = list(csv.DictReader(file))

    def read(self, name):
        with open(self.folder / f'sf_sample-{name}.json', encoding='utf-8') as file:
            return json.load(file)['records']

    def write(self, file):
        calls = Calls(file, self.user)
        calls.add('CreateCurrency', {
            'currency_id': record_id('salesforce currency ' + CURRENCY),
            'currency': {'code': CURRENCY, 'display_name': 'US dollar', 'symbol': '$', 'rate': '1'}})
        calls.batch('BatchCreateAccounts', [self.account(row) for row in self.accounts])
        calls.batch('BatchCreateContacts', [self.contact(row) for row in self.contacts])
        calls.batch('BatchCreateOpportunities', [self.opportunity(row) for row in self.opportunities])
        self.write_stages(calls)
        self.write_persons(calls)
        return calls.written

    def id_of(self, row):
        return record_id('salesforce ' + row['attributes']['referenceId'])

    def account_of(self, row):
        reference = row.get('AccountId', '').removeprefix('@')
        return f'accounts/{record_id("salesforce " + reference)}' if reference else ''

    def account(self, row):
        return {'account_id': self.id_of(row), 'account': without_blanks({
            'display_name': row['Name'],
            'industry': INDUSTRIES.get(row.get('Industry')),
            'currency': CURRENCY,
            'revenue': money(str(row['AnnualRevenue']), CURRENCY) if 'AnnualRevenue' in row else None,
            'number_of_employees': row.get('NumberOfEmployees'),
            'telephone1': row.get('Phone'),
            'website': row.get('Website'),
            'description': row.get('Description'),
            'address1': address(row, 'Billing')})}

    def contact(self, row):
        return {'contact_id': self.id_of(row), 'contact': without_blanks({
            'first_name': row.get('FirstName'), 'last_name': row['LastName'],
            'job_title': row.get('Title'), 'department': row.get('Department'),
            'email': row.get('Email'), 'mobile': row.get('MobilePhone'),
            'telephone2': row.get('HomePhone'), 'telephone3': row.get('OtherPhone'),
            'parent_customer': self.account_of(row), 'address1': address(row, 'Mailing')})}

    def opportunity(self, row):
        return {'opportunity_id': self.id_of(row), 'opportunity': without_blanks({
            'display_name': row['Name'],
            'customer': self.account_of(row),
            'currency': CURRENCY,
            'estimated_value': money(str(row['Amount']), CURRENCY) if 'Amount' in row else None,
            'close_probability': row.get('Probability'),
            'estimated_close_date': date(datetime.date.fromisoformat(row['CloseDate']))
                                    if 'CloseDate' in row else None,
            'step_name': row['StageName'],
            'description': row.get('Description')})}

    def write_stages(self, calls):
        calls.batch('BatchChangeOpportunityStages', [
            {'name': f'opportunities/{self.id_of(row)}', 'sales_stage': STAGES[row['StageName']], 'step_name': row['StageName']}
            for row in self.opportunities if row['StageName'] in STAGES])

    def write_persons(self, calls):
        """Each address belongs to a contact already; the persons are leads, to be found as doubles."""
        known = {}
        for row in self.persons:
            known.setdefault(row['PersonEmail'], row)
        calls.batch('BatchCreateContacts', [{
            'contact_id': record_id('salesforce person ' + email),
            'contact': {'first_name': row['FirstName'], 'last_name': row['LastName'], 'email': email,
                        'telephone1': row['Phone']}} for email, row in known.items()])
