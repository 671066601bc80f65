"""Maven Analytics' CRM sales opportunities: a company's sales of fourteen months, as they happened.

Each opportunity is created, engaged, won and lost by its agent, on its days. The set gives days, so
what happens on one of them follows in this order: 08:00 creating, 10:00 engaging, 16:00 closing.
"""
import collections
import csv
import datetime

from calls import Calls, date, money, record_id, user_name

LOAD_ID = 'maven'
CURRENCY = 'USD'
ADMIN = 'admin@maven.example'
INDUSTRIES = {  # the set's sectors, in its spelling
    'retail': 'INDUSTRY_SERVICE_RETAIL',
    'technolgy': 'INDUSTRY_CONSULTING',
    'medical': 'INDUSTRY_DOCTORS_OFFICES_AND_CLINICS',
    'marketing': 'INDUSTRY_BUSINESS_SERVICES',
    'finance': 'INDUSTRY_FINANCIAL',
    'software': 'INDUSTRY_CONSULTING',
    'entertainment': 'INDUSTRY_ENTERTAINMENT_RETAIL',
    'telecommunications': 'INDUSTRY_BROADCASTING_PRINTING_AND_PUBLISHING',
    'services': 'INDUSTRY_CONSUMER_SERVICES',
    'employment': 'INDUSTRY_SOCIAL_SERVICES',
}
QUARTER_ENDS = [datetime.date(2017, 3, 31), datetime.date(2017, 6, 30), datetime.date(2017, 9, 30),
                datetime.date(2017, 12, 31)]
PRODUCT_NAMES = {'GTXPro': 'GTX Pro'}  # of the pipeline, where it differs from the products' file


def day_of(text):
    return datetime.datetime.strptime(text, '%m/%d/%Y').date() if text else None


def at(day, hour):
    return datetime.datetime.combine(day, datetime.time(hour))


def sign_in_name(agent):
    return '.'.join(agent.lower().split()) + '@maven.example'


class Maven:
    def __init__(self, folder, tenant):
        self.folder = folder / 'sales'
        self.tenant = tenant
        self.accounts = self.read('accounts')
        self.products = self.read('products')
        self.opportunities = self.read('sales_pipeline')
        for row in self.opportunities:
            row['engaged'] = day_of(row['engage_date'])
            row['closed'] = day_of(row['close_date'])
        self.first_day = min(row['engaged'] for row in self.opportunities if row['engaged'])
        self.prices = {row['product']: row['sales_price'] for row in self.products}

    def read(self, name):
        with open(self.folder / f'maven_{name}.csv', encoding='utf-8', newline='') as file:
            return list(csv.DictReader(file))

    def account_id(self, name):
        return record_id(f'maven account {name}')

    def product_id(self, name):
        return record_id(f'maven product {name}')

    def opportunity_id(self, row):
        return record_id(f'maven opportunity {row["opportunity_id"]}')

    def write(self, file):
        """Returns how many calls it wrote."""
        calls = Calls(file, ADMIN)
        self.write_first_day(calls)
        for day, rows in sorted(self.by_day().items()):
            self.write_day(calls, day, rows)
        return calls.written

    def write_first_day(self, calls):
        start = at(self.first_day, 6)
        calls.add('CreateCurrency', {'currency': {
            'code': CURRENCY, 'display_name': 'US dollar', 'symbol': '$', 'rate': '1'}}, start)
        calls.batch('BatchCreateAccounts', [self.account(row) for row in self.accounts if not row['subsidiary_of']],
                    start)
        # What is of one time has no order, and a subsidiary needs the company that it belongs to.
        calls.batch('BatchCreateAccounts', [self.account(row) for row in self.accounts if row['subsidiary_of']],
                    start + datetime.timedelta(minutes=1))
        calls.batch('BatchCreateProducts', [{
            'product_id': self.product_id(row['product']),
            'product': {'display_name': row['product'], 'product_number': row['product'],
                        'series': row['series'], 'currency': CURRENCY,
                        'list_price': money(row['sales_price'], CURRENCY)},
        } for row in self.products], start + datetime.timedelta(minutes=2))
        for row in self.products:
            calls.add('PublishProduct', {'name': f'products/{self.product_id(row["product"])}'},
                      start + datetime.timedelta(minutes=3))

    def account(self, row):
        account = {
            'display_name': row['account'],
            'industry': INDUSTRIES[row['sector']],
            'currency': CURRENCY,
            # The file counts in millions.
            'revenue': money(f'{float(row["revenue"]) * 1_000_000:.0f}', CURRENCY),
            'number_of_employees': int(row['employees']),
            'address1': {'country': row['office_location']},
            'description': f'Founded in {row["year_established"]}',
        }
        if row['subsidiary_of']:
            account['parent_account'] = f'accounts/{self.account_id(row["subsidiary_of"])}'
        return {'account_id': self.account_id(row['account']), 'account': account}

    def by_day(self):
        """Day -> what happens -> rows. Of those in prospecting nobody knows since when they are."""
        days = collections.defaultdict(lambda: collections.defaultdict(list))
        for row in self.opportunities:
            days[row['engaged'] or self.first_day]['created'].append(row)
            if row['engaged']:
                days[row['engaged']]['engaged'].append(row)
            if row['closed']:
                days[row['closed']][row['deal_stage']].append(row)
        return days

    def write_day(self, calls, day, rows):
        def batch(call, rows_of, hour, request):
            by_agent = collections.defaultdict(list)
            for row in rows_of:
                by_agent[row['sales_agent']].append(request(row))
            for agent, requests in sorted(by_agent.items()):
                calls.batch(call, requests, at(day, hour), sign_in_name(agent))

        batch('BatchCreateOpportunities', rows['created'], 8, self.opportunity)
        batch('BatchChangeOpportunityStages', rows['engaged'], 10, lambda row: {
            'name': self.name_of(row), 'sales_stage': 'SALES_STAGE_DEVELOP', 'step_name': 'Engaging'})
        batch('BatchWinOpportunities', rows['Won'], 16, lambda row: {
            'name': self.name_of(row), 'close_date': date(day),
            'actual_value': money(row['close_value'], CURRENCY)})
        batch('BatchLoseOpportunities', rows['Lost'], 16, lambda row: {
            'name': self.name_of(row), 'close_date': date(day), 'status': 'STATUS_CANCELED'})

    def name_of(self, row):
        return f'opportunities/{self.opportunity_id(row)}'

    def opportunity(self, row):
        product = PRODUCT_NAMES.get(row['product'], row['product'])
        opportunity = {
            'display_name': f'{product} {row["opportunity_id"]}',
            'owner': user_name(self.tenant, sign_in_name(row['sales_agent'])),
            'products': [f'products/{self.product_id(product)}'],
            'currency': CURRENCY,
            'estimated_value': money(self.prices[product], CURRENCY),
            'step_name': 'Prospecting',
        }
        if row['account']:
            opportunity['customer'] = f'accounts/{self.account_id(row["account"])}'
        return {'opportunity_id': self.opportunity_id(row), 'opportunity': opportunity}

    def counts(self):
        """What there must be at the end, counted on the file alone."""
        return {'accounts': len(self.accounts), 'products': len(self.products),
                'opportunities': len(self.opportunities),
                'without_account': sum(not row['account'] for row in self.opportunities),
                'as_of': {str(day): self.counts_at(day) for day in QUARTER_ENDS}}

    def counts_at(self, day):
        stages = collections.Counter()
        won = 0
        for row in self.opportunities:
            if row['closed'] and row['closed'] <= day:
                stages[row['deal_stage']] += 1
                won += int(row['close_value']) if row['deal_stage'] == 'Won' else 0
            elif row['engaged'] and row['engaged'] <= day:
                stages['Engaging'] += 1
            elif not row['engaged']:
                stages['Prospecting'] += 1
        return {'stages': stages, 'won_total': won}
