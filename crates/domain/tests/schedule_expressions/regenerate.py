"""Writes table.tsv: cron expressions, and whether EventBridge takes them.

    pip install aws-cron-expression-validator==1.1.15
    python3 regenerate.py

The validator is an independent evaluator of EventBridge's grammar (PyPI, MIT licence). It is not in the
virtual environments of `make test`, because the table does not change. Where the validator and the page of
AWS ("Cron expressions reference", EventBridge user guide) differ, the page decides, and the row says why.
What the page does not describe counts as refused: a schedule that AWS refuses fails in every run.
"""

import itertools
import pathlib
import random
import re

from aws_cron_expression_validator.validator import AWSCronExpressionValidator

TABLE = pathlib.Path(__file__).with_name("table.tsv")
FIELDS = ["minutes", "hours", "day-of-month", "month", "day-of-week", "year"]
COMMON = ["*", "?", "", "-", "/", ",", "#", "L", "W", "LW", "*/5", "0/05", "*/0", "*/", "/5", "*,5", "5,*", "*-5", "5-*", "-5", "5-",
          "5,", ",5", "1,2", "1-2-3", "1/2/3", "1-3/2", "3-1", "1,1", "+1", "1.0", "1e0", "0x1", "\u0661", "\uff11", "1\u00a0",
          "00", "01", "001", "0", "1", "7", "8", "12", "13", "23", "24", "31", "32", "59", "60", "0/59", "0/60", "0/23", "0/24",
          "1/12", "1/13", "1/31", "1/32", "%2A", "**", "??", "1;2", "1:2", "~", "H", "@daily", "a-b"]
OWN = {
    "minutes": ["0-59", "0-60", "0,15,30,45", "0/15,5", "5-10/2", "58-2", "*/59", "0-30/5,45"],
    "hours": ["8-17", "8-24", "0,12", "22-6", "9-17/2", "0/6"],
    "day-of-month": ["1-31", "1-32", "3W", "0W", "31W", "32W", "W3", "1,3W", "1-3W", "L-1", "L,1", "1L", "1/7", "WL", "LL", "15,L", "1,15"],
    "month": ["JAN", "DEC", "Jan", "jan", "JANUARY", "FOO", "JAN-MAR", "JAN,JUL", "JAN/3", "1-12", "DEC-JAN", "JAN-3", "1-MAR",
              "JAN,3", "0-12", "1/2"],
    "day-of-week": ["SUN", "SAT", "sun", "Mon", "SUNDAY", "MON-FRI", "2-6", "FRI-MON", "6-2", "MON,WED,FRI", "MON,4", "MON-6",
                    "2-FRI", "6L", "FRIL", "0L", "8L", "L-3", "L6", "3#2", "FRI#2", "3#0", "3#5", "3#6", "#2", "3#", "3#1,6#3",
                    "MON#1,FRI", "2/2", "MON/2", "*/2", "1-7", "0-6", "MONFRI", "5W"],
    "year": ["1970", "1969", "2199", "2200", "2027", "27", "02027", "2027-2030", "2030-2027", "2027,2029", "2027/2", "*/2", "1970-2199",
             "2027/229", "2027/230", "1970/1"],
}
GOOD = {
    "minutes": ["0", "15", "0/10", "0-30/5", "5,35", "*"],
    "hours": ["6", "*/4", "8-17", "0,12", "*"],
    "day-of-month": ["1", "L", "15W", "1,15", "*", "?"],
    "month": ["*", "JAN-MAR", "1/3", "JUN,DEC", "12"],
    "day-of-week": ["SUN", "MON-FRI", "6L", "3#2", "*", "?", "2,4"],
    "year": ["*", "2027", "2027-2030", "2027/2"],
}
# Whole expressions: the number of fields, blanks, what the issue and the page name.
WHOLE = ["0 6 * * SUN *", "61 25 ? * SUN *", "0 6 ? * FOO *", "0 10 * * ? *", "15 12 * * ? *", "0 18 ? * MON-FRI *",
         "0 8 1 * ? *", "0/15 * * * ? *", "0/10 * ? * MON-FRI *", "0/5 8-17 ? * MON-FRI *", "0 9 ? * 2#1 *",
         "0 7/12 * * ? *", "* * * * ? *", "* * * * * *", "* * ? * ? *", "0 6 * * *", "0 6 ? * SUN * *", "", "0 6 ? * SUN",
         "0  6 ? * SUN *", " 0 6 ? * SUN *", "0 6 ? * SUN * ", "0\t6 ? * SUN *", "0\n6 ? * SUN *", "0 6 ? * SUN *\n",
         "0 6 ? * SUN *\r", "0 6 ? * SUN *\x00", "0\u00a06 ? * SUN *", "0 6 31 2 ? *", "0 6 31 FEB ? 2027", "30 6 1,15 JAN,JUL ? 2027-2028"]

# The numbers that names stand for, and the highest increment of a field.
NAMES = {name: number for names in (["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
         ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"])
         for number, name in enumerate(names, 1)}
STEPS = {"minutes": 59, "hours": 23, "day-of-month": 31, "month": 12, "year": 229}


def on_the_page(field, text):
    """Why the page does not describe what the validator takes for this field; None if it does."""
    if re.search(r"(^|,)\*-|-\*", text):
        return "the page has ranges of values, and none with `*`"
    if re.search(r"[a-z]", text):
        return "the page has names in capital letters only"
    if text.startswith("L-"):
        return "the page has no such day"
    for start, end in re.findall(r"([A-Z0-9]+)-([A-Z0-9]+)", text):
        if start.isdigit() != end.isdigit():
            return "the page has ranges of numbers or of names"
        if int(NAMES.get(start, start)) > int(NAMES.get(end, end)):
            return "the page has ranges from a lower to a higher value only"
    for step in re.findall(r"/(\d+)", text):
        if int(step) > STEPS[field]:
            return "the page has increments within the field only"
        if step.startswith("0"):
            return "the page has increments without a leading zero"
    return None


def judged(expression):
    """The verdict, the validator's one, and the reason if they differ."""
    try:
        AWSCronExpressionValidator.validate(expression)
        validator = "accepted"
    except ValueError:
        validator = "refused"
    parts = expression.split(" ")
    if validator == "refused" and re.fullmatch(r"\S+( +\S+){5}", expression) and "  " in expression:
        return "accepted", validator, "the page separates fields by white space"
    reasons = [on_the_page(field, part) for field, part in zip(FIELDS, parts)] if validator == "accepted" else []
    reason = next((reason for reason in reasons if reason), "")
    return ("refused" if reason else validator), validator, reason


def framed(field, text):
    """An expression that is good but for the text of one field, with `?` in the day field that needs it."""
    values = dict(zip(FIELDS, ["0", "6", "?", "*", "SUN", "*"]))
    if field == "day-of-month":
        values["day-of-week"] = "?"
    values[field] = text
    return " ".join(values.values())


def expressions():
    yield from WHOLE
    for field in FIELDS:
        yield from (framed(field, text) for text in COMMON + OWN[field])
    # Both day fields with each other.
    for day, week in itertools.product(GOOD["day-of-month"], GOOD["day-of-week"]):
        yield f"0 6 {day} * {week} *"
    draw = random.Random(13)
    for _ in range(200):
        good = [draw.choice(GOOD[field]) for field in FIELDS]
        good[draw.choice([2, 4])] = "?"
        if draw.random() < 0.4:
            index = draw.randrange(6)
            good[index] = draw.choice(COMMON + OWN[FIELDS[index]])
        yield " ".join(good)


def escaped(text):
    return text.encode("unicode_escape").decode()


def main():
    rows = ["# Written by regenerate.py: verdict, the validator's verdict, expression, and why they differ."]
    for expression in dict.fromkeys(expressions()):
        verdict, validator, reason = judged(expression)
        rows.append("\t".join([verdict, validator, escaped(expression), *([reason] if reason else [])]))
    TABLE.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
