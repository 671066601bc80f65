"""What the company's people do about a lead, a customer or a deal."""
import datetime

import demo_texts as texts
from demo_setting import ADMIN
from timetable import DAY, MINUTE

HOUR = datetime.timedelta(hours=1)


class Activities:
    """A part of demo.Demo."""

    def work_on(self, record, deal):
        action = self.dice.choices(
            [self.phone, self.task, self.meet, self.mail, self.note, self.post, self.letter],
            [30, 25, 12, 22, 8, 5, 3])[0]
        action(record, deal)

    def finish_activity(self, one, name, deal, completed):
        self.later(self.dice.randint(1, 5), self.end_activity, one, name, deal, completed)

    def end_activity(self, one, name, deal, completed):
        if deal.get('closed'):
            return
        chance = self.dice.random()
        if chance < 0.85:
            self.command(f'Complete{one}', name, deal['user'], **({'status': completed} if completed else {}))
            if chance < 0.02:
                self.later(1, self.command, f'Reopen{one}', name, deal['user'])
        elif chance < 0.93:
            self.command(f'Cancel{one}', name, deal['user'])

    def due(self, days):
        return (self.now + days * DAY).strftime('%Y-%m-%dT%H:00:00Z')

    def phone(self, record, deal):
        name = self.create('phone_calls', 'phone_call', {
            'regarding': record, 'subject': self.pick(texts.CALLS, deal['language']), 'outgoing': True,
            'scheduled_end_time': self.due(self.dice.randint(0, 4))}, deal['user'])
        self.finish_activity('PhoneCall', name, deal, 'STATUS_MADE')

    def task(self, record, deal):
        name = self.create('tasks', 'task', {
            'regarding': record, 'subject': self.pick(texts.TASKS, deal['language']),
            'scheduled_end_time': self.due(self.dice.randint(1, 7))}, deal['user'])
        self.finish_activity('Task', name, deal, '')

    def meet(self, record, deal):
        begin = (self.now + self.dice.randint(1, 6) * DAY).replace(hour=self.dice.randint(9, 15), minute=0)
        name = self.create('appointments', 'appointment', {
            'regarding': record, 'subject': self.pick(texts.MEETINGS, deal['language']),
            'location': self.pick(texts.CITIES, deal['language'])[0],
            'scheduled_start_time': begin.strftime('%Y-%m-%dT%H:%M:%SZ'),
            'scheduled_end_time': (begin + HOUR).strftime('%Y-%m-%dT%H:%M:%SZ')}, deal['user'])
        self.in_turn((0, self.schedule, name, deal), (7, self.end_activity, 'Appointment', name, deal, ''))

    def schedule(self, name, deal):
        if not deal.get('closed'):
            self.command('ScheduleAppointment', name, deal['user'])

    def mail(self, record, deal):
        self.mails += 1
        message = f'{self.mails}@velocarpati.example'
        name = self.create('emails', 'email', {
            'regarding': record, 'subject': self.pick(texts.MAIL_SUBJECTS, deal['language']),
            'description': self.pick(texts.MAIL_TEXTS, deal['language']),
            'parties': [{'participation': 'PARTICIPATION_SENDER', 'address': deal['user']},
                        {'participation': 'PARTICIPATION_TO', 'address': deal['address']}]}, deal['user'])
        self.now += MINUTE
        chance = self.dice.random()
        if chance < 0.03:
            return self.command('CancelEmail', name, deal['user'])
        if chance < 0.05:
            self.command('CompleteEmail', name, deal['user'])
            return self.later(1, self.command, 'ReopenEmail', name, deal['user'])
        self.command('SendEmail', name, deal['user'])
        self.now += MINUTE
        self.command('ReportEmailSending', name, ADMIN, status='STATUS_SENT', message_id=message)
        if chance > 0.5:
            self.later(self.dice.randint(1, 3), self.answer, deal, message)

    def answer(self, deal, answered):
        self.mails += 1
        self.call('ImportEmail', {'email': {
            'subject': 'Re: ' + self.pick(texts.MAIL_SUBJECTS, deal['language']),
            'description': self.pick(texts.ANSWERS, deal['language']),
            'message_id': f'{self.mails}@mail.example', 'in_reply_to': answered,
            'sent_time': self.now.strftime('%Y-%m-%dT%H:%M:%SZ'),
            'parties': [{'participation': 'PARTICIPATION_SENDER', 'address': deal['address'],
                         'display_name': f'{deal["person"].first} {deal["person"].last}'},
                        {'participation': 'PARTICIPATION_TO', 'address': deal['user']}]}}, deal['user'])

    def note(self, record, deal):
        name = self.create('notes', 'note', {'regarding': record, 'text': self.pick(texts.NOTES, deal['language'])},
                           deal['user'])
        if self.dice.random() < 0.1:
            self.in_turn((1, self.call, 'DeleteNote', {'name': name}, deal['user']),
                         (1, self.call, 'UndeleteNote', {'name': name}, deal['user']))

    def post(self, record, deal):
        post = self.create('posts', 'post', {'regarding': record, 'text': self.pick(texts.POSTS, deal['language'])},
                           deal['user'])
        reader = self.anybody()
        unlike = [(1, self.command, 'UnlikePost', post, reader)] if self.dice.random() < 0.2 else []
        self.in_turn((0, self.command, 'LikePost', post, reader), *unlike)
        self.later(1, self.call, 'CommentOnPost',
                   {'name': post, 'text': self.pick(texts.COMMENTS, deal['language'])}, self.anybody(deal['language']))

    def letter(self, record, deal):
        collection, one, completed = self.dice.choice([('letters', 'letter', ''), ('faxes', 'fax', '')])
        name = self.create(collection, one, {
            'regarding': record, 'subject': self.pick(texts.MAIL_SUBJECTS, deal['language']),
            'scheduled_end_time': self.due(2)}, deal['user'])
        self.later(2, self.end_activity, one.title(), name, deal, completed)
