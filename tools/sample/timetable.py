"""What is going to happen, in the order of time."""
import datetime
import heapq

DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)


class Timetable:
    def __init__(self, dice, start, end):
        self.dice = dice
        self.now = start
        self.end = end
        self.entries = []
        self.made = 0  # orders what has one time

    def at(self, time, what, *arguments, **more):
        if time < self.end:
            self.made += 1
            heapq.heappush(self.entries, (time, self.made, what, arguments, more))

    def later(self, days, what, *arguments, **more):
        """Some working hour, some days from now."""
        time = (self.now + days * DAY).replace(hour=self.dice.randint(8, 16), minute=self.dice.randint(0, 59))
        while time.weekday() >= 5:
            time += DAY
        self.at(max(time, self.now + MINUTE), what, *arguments, **more)

    def in_turn(self, *steps):
        """Steps of days, what and its arguments; each counts its days from the one before."""
        if steps:
            self.later(steps[0][0], self.take_turn, steps)

    def take_turn(self, steps):
        _, what, *arguments = steps[0]
        what(*arguments)
        self.in_turn(*steps[1:])

    def run(self):
        while self.entries:
            self.now, _, what, arguments, more = heapq.heappop(self.entries)
            what(*arguments, **more)
        self.now = self.end
