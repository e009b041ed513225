"""Which of the recorded calls waited for each other."""

import collections

# As many calls as a loop has that is written as one.
LONGEST_PERIOD = 6


def longest_chain(calls):
    """The most calls of which each started after the one before had ended."""
    length, before = {}, {}
    by_end, longest = collections.deque(sorted(calls, key=lambda call: call.end)), None
    for call in sorted(calls, key=lambda call: call.start):
        while by_end and by_end[0].end <= call.start:
            ended = by_end.popleft()
            # Of equally long ones the last, which is likelier to be what was waited for.
            if longest is None or length[id(ended)] >= length[id(longest)]:
                longest = ended
        before[id(call)] = longest
        length[id(call)] = 1 + (length[id(longest)] if longest else 0)
    last = max(calls, key=lambda call: length[id(call)], default=None)
    return followed(last, before)


def followed(last, before):
    chain = []
    while last:
        chain.append(last)
        last = before[id(last)]
    return chain[::-1]


def written(calls):
    """The names of calls in their order, repetitions as one."""
    return " > ".join(parts([call.name for call in calls]))


def parts(names):
    found = []
    while names:
        period, count = most_repeated(names)
        part = names[0] if period == 1 else f"({' > '.join(parts(names[:period]))})"
        found.append(part if count == 1 else f"{part} x{count}")
        names = names[period * count:]
    return found


def most_repeated(names):
    """How many of the first names repeat, and how often, so that they cover the most."""
    found = [(period, repeated(names, period)) for period in range(1, LONGEST_PERIOD + 1)]
    again = [(period, count) for period, count in found if count > 1]
    return max(again, key=lambda one: (one[0] * one[1], -one[0]), default=(1, 1))


def repeated(names, period):
    """How often the first `period` names come one after the other."""
    count = 1
    while names[:period] == names[period * count:period * (count + 1)]:
        count += 1
    return count


def counted(calls):
    """How many calls of each name, most first."""
    return dict(collections.Counter(call.name for call in calls).most_common())
