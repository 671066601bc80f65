"""Three years of a company of 40 people that sells bicycles in Romania, Britain and Ireland.

Everything follows from a seed and from the last day, so the same day gives the same past. It happens
in the order of time: what follows from something else is put on the calendar by it.
"""
import datetime
import random

import demo_texts as texts
from calls import Calls, date, money, record_id, user_name
from demo_activities import Activities
from demo_setting import ADMIN, Setting, plain
from timetable import DAY, MINUTE, Timetable

LOAD_ID = 'demo'
SEED = 2013
YEARS = 3
PEOPLE = 40
LEADS_A_DAY = 4
LAST_TASK = f'tasks/{record_id("demo last task")}'  # there, once everything is loaded
CURRENCIES = {'ro': 'RON', 'en': 'GBP'}
PHONES = {'ro': '+40 7', 'en': '+44 7'}


class Person:
    def __init__(self, dice, language):
        self.language = language
        self.first = dice.choice(texts.FIRST_NAMES[language])
        self.last = dice.choice(texts.LAST_NAMES[language])


class Demo(Setting, Activities, Timetable):
    def __init__(self, tenant, last_day):
        end = datetime.datetime.combine(last_day, datetime.time(6))
        self.start = end - YEARS * 365 * DAY
        super().__init__(random.Random(SEED), self.start, end)
        self.tenant = tenant
        self.accounts = {'en': [], 'ro': []}
        self.contacts = []
        self.mails = 0
        self.staff = self.hire()

    def hire(self):
        """Sign-in names; the first of a name keeps it."""
        staff = {}
        while len(staff) < PEOPLE - 1:
            person = Person(self.dice, 'ro' if len(staff) % 3 else 'en')
            staff.setdefault(f'{plain(person.first)}.{plain(person.last)}@velocarpati.example', person.language)
        return staff

    def write(self, file):
        self.calls = Calls(file, ADMIN)
        self.set_up()
        for day in range(YEARS * 365):
            morning = self.start + day * DAY
            if morning.weekday() < 5:
                self.at(morning.replace(hour=7), self.working_day)
        self.run()
        self.finish()
        return self.calls.written

    def call(self, call, request, user=None):
        self.calls.add(call, request, self.now, user)

    def create(self, collection, one, fields, user=None):
        """Returns the new record's name."""
        self.made += 1
        record = record_id(f'demo {collection} {self.made}')
        self.call(f'Create{"".join(part.title() for part in one.split("_"))}',
                  {f'{one}_id': record, one: {name: value for name, value in fields.items() if value}}, user)
        return f'{collection}/{record}'

    def update(self, one, fields, mask, user):
        self.call(f'Update{one.title().replace("_", "")}', {one: fields, 'update_mask': mask}, user)

    def command(self, call, name, user, **more):
        self.call(call, {'name': name} | more, user)

    # A day.

    def working_day(self):
        for _ in range(self.dice.randint(LEADS_A_DAY - 2, LEADS_A_DAY + 2)):
            self.later(0, self.new_lead)
        if self.dice.random() < 0.25:
            self.later(0, self.tidy_up)

    def anybody(self, language=None):
        return self.dice.choice([user for user, speaks in self.staff.items() if language in (None, speaks)])

    def pick(self, table, language):
        return self.dice.choice(table[language])

    def new_lead(self):
        language = 'ro' if self.dice.random() < 0.6 else 'en'
        user = self.anybody(language)
        person = Person(self.dice, language)
        company = f'{self.pick(texts.COMPANY_STEMS, language)} {self.pick(texts.COMPANY_KINDS, language)}'
        city, country = self.pick(texts.CITIES, language)
        amount = self.dice.randint(2, 80)
        currency = CURRENCIES[language]
        self.made += 1
        address = f'{plain(person.first)}.{plain(person.last)}{self.made}@{plain(company)}.example'
        lead = self.create('leads', 'lead', {
            'subject': self.pick(texts.LEAD_SUBJECTS, language).format(n=amount),
            'first_name': person.first, 'last_name': person.last, 'company_name': company, 'email': address,
            'job_title': self.pick(texts.TITLES, language),
            'telephone1': f'{PHONES[language]}{self.dice.randint(10_000_000, 99_999_999)}',
            'lead_source': self.dice.choice(['SOURCE_WEB', 'SOURCE_TRADE_SHOW', 'SOURCE_EXTERNAL_REFERRAL',
                                             'SOURCE_ADVERTISEMENT', 'SOURCE_PARTNER']),
            'rating': self.dice.choice(['RATING_HOT', 'RATING_WARM', 'RATING_COLD']),
            'description': self.pick(texts.LEAD_TEXTS, language),
            'currency': currency, 'estimated_amount': money(str(amount * 600), currency),
            'address1': {'line1': self.pick(texts.STREETS, language), 'city': city, 'country': country}}, user)
        deal = {'language': language, 'user': user, 'lead': lead, 'amount': amount, 'company': company,
                'address': address, 'person': person}
        self.later(self.dice.randint(0, 2), self.work_on, lead, deal)
        self.later(self.dice.randint(1, 6), self.work_on, lead, deal)
        self.later(self.dice.randint(7, 25), self.decide_lead, deal)

    def decide_lead(self, deal):
        chance = self.dice.random()
        lead, user = deal['lead'], deal['user']
        if chance < 0.45:
            self.qualify(deal)
        elif chance < 0.85:
            deal['closed'] = True
            status = self.dice.choice(['STATUS_LOST', 'STATUS_CANNOT_CONTACT', 'STATUS_NO_LONGER_INTERESTED'])
            self.command('DisqualifyLead', lead, user, status=status, close_open_activities=True,
                         comment=self.pick(texts.LOST, deal['language']))
            if chance > 0.82:
                self.later(30, self.command, 'ReactivateLead', lead, user)
        elif chance < 0.9:
            self.update('lead', {'name': lead, 'status': 'STATUS_CONTACTED', 'rating': 'RATING_HOT'}, 'status,rating', user)
            self.later(14, self.qualify, deal)


    # Customers.

    def qualify(self, deal):
        language, user = deal['language'], deal['user']
        currency = CURRENCIES[language]
        account = self.create('accounts', 'account', {
            'display_name': f'{deal["company"]} {self.made}', 'currency': currency,
            'address1': {'city': self.pick(texts.CITIES, language)[0]},
            'number_of_employees': self.dice.randint(3, 200)}, user)
        self.now += MINUTE
        contact = self.create('contacts', 'contact', {
            'first_name': deal['person'].first, 'last_name': deal['person'].last, 'email': deal['address'],
            'parent_customer': account, 'job_title': self.pick(texts.TITLES, language)}, user)
        opportunity = self.create('opportunities', 'opportunity', {
            'display_name': self.pick(texts.LEAD_SUBJECTS, language).format(n=deal['amount']), 'customer': account,
            'parent_contact': contact, 'currency': currency, 'close_probability': self.dice.randint(10, 60),
            'estimated_value': money(str(deal['amount'] * self.dice.randint(400, 900)), currency),
            'estimated_close_date': date((self.now + 60 * DAY).date()),
            'competitors': self.dice.sample(self.rivals, 1), 'products': self.dice.sample(self.products, 2)}, user)
        self.now += MINUTE
        self.call('QualifyLead', {'name': deal['lead'], 'existing_account': account, 'existing_contact': contact,
                                  'existing_opportunity': opportunity, 'suppress_duplicate_detection': True}, user)
        deal |= {'account': account, 'contact': contact, 'opportunity': opportunity}
        self.accounts[language].append(deal)
        self.sell(deal)

    def sell(self, deal):
        opportunity, user = deal['opportunity'], deal['user']
        steps = []
        if self.dice.random() < 0.15:
            steps += [(2, self.command, 'HoldOpportunity', opportunity, user),
                      (9, self.command, 'ResumeOpportunity', opportunity, user)]
        for stage in ('DEVELOP', 'PROPOSE', 'CLOSE'):
            steps += [(self.dice.randint(3, 20), self.reach, deal, stage), (1, self.work_on, opportunity, deal)]
        self.in_turn(*steps, (self.dice.randint(2, 15), self.close, deal), (9, self.look_after, deal))

    def reach(self, deal, stage):
        self.command('ChangeOpportunityStage', deal['opportunity'], deal['user'], sales_stage=f'SALES_STAGE_{stage}',
                     close_probability=self.dice.randint(20, 90))

    def close(self, deal):
        opportunity, user = deal['opportunity'], deal['user']
        chance = self.dice.random()
        if chance < 0.55:
            value = deal['amount'] * self.dice.randint(380, 850)
            self.command('WinOpportunity', opportunity, user,
                         actual_value=money(str(value), CURRENCIES[deal['language']]))
        else:
            more = {'competitor': self.dice.choice(self.rivals)} if chance < 0.8 else {'status': 'STATUS_CANCELED'}
            self.command('LoseOpportunity', opportunity, user,
                         reason=self.pick(texts.LOST, deal['language']), **more)
        if chance < 0.03 or chance > 0.98:
            self.later(5, self.command, 'ReopenOpportunity', opportunity, user)

    def look_after(self, deal):
        account, contact, user = deal['account'], deal['contact'], deal['user']
        self.work_on(self.dice.choice([account, contact]), deal)
        if self.dice.random() < 0.3:
            city, country = self.pick(texts.CITIES, deal['language'])
            self.create('customer_addresses', 'customer_address', {
                'regarding': account, 'title': city, 'address': {'city': city, 'country': country}}, user)
        if self.dice.random() < 0.2:
            self.create('follows', 'follow', {'record': account}, user)
        if self.dice.random() < 0.2 and len(self.accounts[deal['language']]) > 5:
            other = self.dice.choice(self.accounts[deal['language']][:-3])
            if other['contact'] != contact:
                self.create('connections', 'connection', {
                    'record1': contact, 'record2': other['contact'], 'role1': self.roles[2], 'role2': self.roles[3]}, user)

    # Now and then somebody puts the records in order.

    def tidy_up(self):
        deals = [deal for deal in self.accounts[self.dice.choice(['en', 'ro'])] if not deal.get('resting')]
        if len(deals) < 12:
            return
        deal = self.dice.choice(deals[:-4])
        self.dice.choice([self.merge, self.reparent, self.rest, self.drop])(deal)

    def merge(self, deal):
        """Somebody had entered it a second time; now and then that was another one after all."""
        kind, collection, one = self.dice.choice([('Accounts', 'accounts', 'account'), ('Contacts', 'contacts', 'contact')])
        title = {'display_name': deal['company']} if one == 'account' else {'last_name': deal['person'].last}
        double = self.create(collection, one, title | {'description': 'Entered twice'}, deal['user'])
        self.now += MINUTE
        self.create('tasks', 'task', {'regarding': double, 'subject': self.pick(texts.TASKS, deal['language'])},
                    deal['user'])
        self.now += MINUTE
        self.command(f'Merge{kind}', deal[one], deal['user'], subordinate=double)
        if self.dice.random() < 0.4:
            self.later(1, self.command, f'Unmerge{one.title()}', double, deal['user'])
        if self.dice.random() < 0.3:
            self.merge_leads(deal)

    def merge_leads(self, deal):
        leads = [self.create('leads', 'lead', {
            'subject': self.pick(texts.LEAD_SUBJECTS, deal['language']).format(n=2), 'last_name': deal['person'].last},
            deal['user']) for _ in range(2)]
        self.now += MINUTE
        self.command('MergeLeads', leads[0], deal['user'], subordinate=leads[1])
        self.later(1, self.command, 'UnmergeLead', leads[1], deal['user'])
        self.later(2, self.command, 'ReparentLead', leads[0], deal['user'], parent_account=deal['account'],
                   parent_contact=deal['contact'])

    def reparent(self, deal):
        other = self.dice.choice(self.accounts[deal['language']])
        if other is deal:
            return
        extra = self.create('contacts', 'contact', {
            'first_name': self.pick(texts.FIRST_NAMES, deal['language']),
            'last_name': self.pick(texts.LAST_NAMES, deal['language']), 'parent_customer': deal['account']}, deal['user'])
        self.later(10, self.command, 'ReparentContact', extra, deal['user'], parent_customer=other['account'])
        branch = self.create('accounts', 'account', {'display_name': f'{deal["company"]}, branch {self.made}'},
                             deal['user'])
        self.later(10, self.command, 'ReparentAccount', branch, deal['user'], parent_account=deal['account'])

    def rest(self, deal):
        deal['resting'] = True
        self.command('DeactivateContact', deal['contact'], deal['user'])
        self.command('DeactivateAccount', deal['account'], deal['user'])
        self.in_turn((50, self.command, 'ActivateAccount', deal['account'], deal['user']),
                     (1, self.command, 'ActivateContact', deal['contact'], deal['user']), (1, self.wake, deal))

    def wake(self, deal):
        deal['resting'] = False

    def drop(self, deal):
        """An account of which nothing hangs but what goes with it; some came back."""
        account = self.create('accounts', 'account', {'display_name': f'{deal["company"]}, old {self.made}',
                                                      'description': self.pick(texts.NOTES, deal['language'])}, deal['user'])
        self.now += MINUTE
        branch = self.create('accounts', 'account', {'display_name': f'{deal["company"]}, shop {self.made}',
                                                     'parent_account': account}, deal['user'])
        self.create('notes', 'note', {'regarding': branch, 'text': self.pick(texts.NOTES, deal['language'])}, deal['user'])
        back = [(2, self.call, 'UndeleteAccount', {'name': account}, deal['user'])] if self.dice.random() < 0.5 else []
        self.in_turn((2, self.call, 'DeleteAccount', {'name': account, 'force': True}, deal['user']), *back)

    def finish(self):
        self.call('CreateTask', {'task_id': LAST_TASK.split('/')[1], 'task': {
            'subject': 'Show somebody around', 'owner': user_name(self.tenant, ADMIN),
            'scheduled_end_time': self.due(0)}})
