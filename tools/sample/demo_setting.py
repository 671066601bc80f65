"""What there is before the company's first customer, and what somebody new tries."""
import demo_texts as texts
from calls import money
from timetable import DAY, MINUTE

ADMIN = 'admin@velocarpati.example'


def plain(text):
    """For addresses: small ASCII letters."""
    table = str.maketrans('ăâîșțĂÂÎȘȚ', 'aaistAAIST')
    return ''.join(letter for letter in text.translate(table).lower() if letter.isascii() and letter.isalnum())


class Setting:
    """A part of demo.Demo."""

    def tick(self):
        self.now += MINUTE

    def set_up(self):
        for code, name, rate in (('EUR', 'Euro', '1'), ('RON', 'Leu', '4.97'), ('GBP', 'Pound', '0.86')):
            currency = self.create('currencies', 'currency', {'code': code, 'display_name': name, 'rate': rate})
            self.tick()
            if code != 'EUR':
                self.at(self.start + 400 * DAY, self.change_rate, currency, str(round(float(rate) * 1.02, 4)))
        self.at(self.start + 20 * DAY, self.practise)
        self.set_up_products()
        self.rivals = [self.create('competitors', 'competitor', {'display_name': name}) for name in texts.COMPETITORS]
        self.tick()
        self.roles = [self.create('connection_roles', 'connection_role', {'display_name': name})
                      for name in ('Supplier', 'Customer', 'Colleague', 'Recommended by')]
        self.tick()
        rule = self.create('duplicate_rules', 'duplicate_rule', {
            'display_name': 'Persons of one address', 'base_type': 'contacts', 'matching_type': 'contacts',
            'conditions': [{'base_field': 'email', 'matching_field': 'email', 'operator': 'OPERATOR_EXACT'}]})
        self.tick()
        for command in ('PublishDuplicateRule', 'UnpublishDuplicateRule'):
            self.call(command, {'name': rule})
            self.tick()
        self.create('attribute_maps', 'attribute_map', {
            'source_type': 'leads', 'target_type': 'competitors', 'description': 'Not used yet'})
        for status, following in (('STATUS_OPEN', ['STATUS_MADE', 'STATUS_RECEIVED', 'STATUS_CANCELED']),
                                  ('STATUS_MADE', ['STATUS_OPEN'])):
            self.create('status_transitions', 'status_transition', {
                'record_type': 'phone_calls', 'from_status': status, 'to_statuses': following})
        self.tick()

    def set_up_products(self):
        self.products = []
        for name, series, price in texts.PRODUCTS:
            product = self.create('products', 'product', {
                'display_name': name, 'product_number': plain(name).upper(), 'series': series, 'currency': 'EUR',
                'list_price': money(price, 'EUR')})
            self.tick()
            self.call('PublishProduct', {'name': product})
            self.tick()
            self.products.append(product)
        self.at(self.start + 300 * DAY, self.command, 'ReviseProduct', self.products[0], ADMIN)
        self.at(self.start + 303 * DAY, self.command, 'PublishProduct', self.products[0], ADMIN)
        self.at(self.start + 600 * DAY, self.command, 'RetireProduct', self.products[1], ADMIN)
        self.at(self.start + 640 * DAY, self.command, 'ActivateProduct', self.products[1], ADMIN)

    def change_rate(self, currency, rate):
        self.update('currency', {'name': currency, 'rate': rate}, 'rate', ADMIN)

    def practise(self):
        """Somebody new tries everything once: to enter it, to change it, to delete it, to bring it back."""
        user = self.anybody('ro')
        account = self.create('accounts', 'account', {'display_name': 'Exercițiu'}, user)
        self.now += MINUTE
        deal = self.create('opportunities', 'opportunity', {'display_name': 'Exercițiu', 'customer': account}, user)
        self.now += MINUTE
        about = {'regarding': account}
        subject = about | {'subject': 'Exercițiu'}
        trials = [
            ('accounts', 'account', {'display_name': 'Exercițiul doi'}),
            ('attribute_maps', 'attribute_map', {'source_type': 'leads', 'target_type': 'products'}),
            ('competitors', 'competitor', {'display_name': 'Exercițiu'}),
            ('connections', 'connection', {'record1': account, 'record2': deal}),
            ('connection_roles', 'connection_role', {'display_name': 'Exercițiu'}),
            ('contacts', 'contact', {'last_name': 'Exercițiu'}),
            ('currencies', 'currency', {'code': 'HUF', 'rate': '400'}),
            ('customer_addresses', 'customer_address', about | {'address': {'city': 'Sibiu'}}),
            ('duplicate_rules', 'duplicate_rule', {
                'display_name': 'Exercițiu', 'base_type': 'accounts', 'matching_type': 'accounts',
                'conditions': [{'base_field': 'display_name', 'matching_field': 'display_name',
                                'operator': 'OPERATOR_EXACT'}]}),
            ('follows', 'follow', {'record': account}),
            ('leads', 'lead', {'subject': 'Exercițiu', 'last_name': 'Exercițiu'}),
            ('notes', 'note', about),
            ('opportunities', 'opportunity', {'display_name': 'Exercițiul doi'}),
            ('opportunity_closes', 'opportunity_close', {'regarding': deal, 'subject': 'Exercițiu'}),
            ('posts', 'post', about | {'text': 'Exercițiu'}),
            ('products', 'product', {'display_name': 'Exercițiu', 'product_number': 'X-1'}),
            ('status_transitions', 'status_transition', {'record_type': 'products', 'from_status': 'STATUS_RETIRED'}),
        ] + [(collection, one, subject) for collection, one in (
            ('appointments', 'appointment'), ('emails', 'email'), ('faxes', 'fax'), ('letters', 'letter'),
            ('phone_calls', 'phone_call'), ('tasks', 'task'))]
        for collection, one, fields in trials:
            name = self.create(collection, one, fields, user)
            title = ''.join(part.title() for part in one.split('_'))
            changed = {'post': 'heading', 'note': 'text', 'customer_address': 'title', 'currency': 'display_name',
                       'competitor': 'overview'}.get(
                one, 'description')
            self.in_turn((0, self.call, f'Update{title}', {one: {'name': name, changed: 'Exercițiu'},
                                                           'update_mask': changed}, user),
                         (0, self.call, f'Delete{title}', {'name': name, 'force': True}, user),
                         (0, self.call, f'Undelete{title}', {'name': name}, user),
                         (1, self.call, f'Delete{title}', {'name': name, 'force': True}, user))
        self.later(10, self.call, 'DeleteAccount', {'name': account, 'force': True}, user)
