"""Draws the dashboard of infra/template.yaml: where each widget is, its title, and what it shows.

    dashboard.py target/dashboard.svg

It draws no data, so that a person sees the layout without an account. `make dashboard` runs it.
"""

import json
import pathlib
import sys
from xml.sax.saxutils import escape

from resolved import INFRA, Resolved

# CloudWatch lays widgets out on a grid of 24 columns (CloudWatch API reference, "Dashboard body structure and syntax").
COLUMNS = 24
CELL = 44
LINE = 15


def of_template(**given):
    """The dashboard's body for the given parameters."""
    return json.loads(Resolved("template.yaml", **given).resources["Dashboard"]["Properties"]["DashboardBody"])


def of_module(**given):
    """The same of the module: its file with the variables that dashboard.tf gives it."""
    text = (INFRA / "terraform" / "dashboard.json.tftpl").read_text()
    for name, value in given.items():
        text = text.replace(f"${{{name}}}", value)
    return json.loads(text)


def metrics(widget):
    """Namespace, name and dimensions of each metric of a widget; searches are no metrics."""
    for each in widget["properties"].get("metrics", []):
        names = [part for part in each if isinstance(part, str)]
        if names:
            yield names[0], names[1], dict(zip(names[2::2], names[3::2]))


def overlaps(left, right):
    """Whether two widgets share a cell."""
    return all(
        left[at] < right[at] + right[size] and right[at] < left[at] + left[size]
        for at, size in (("x", "width"), ("y", "height"))
    )


def lines(widget):
    """What is written in a widget's box."""
    properties = widget["properties"]
    if widget["type"] == "text":
        return properties["markdown"].splitlines()
    if widget["type"] == "alarm":
        names = [each.rsplit(":", 1)[1] for each in properties["alarms"]]
        return [properties["title"]] + [", ".join(names[start:start + 5]) for start in range(0, len(names), 5)]
    shown = [each[-1].get("label") or each[-1].get("expression", "") for each in properties["metrics"]]
    return [properties["title"], f"{properties['stat']} of {properties['period']} s", *shown]


def svg(body):
    """The drawing, as text."""
    height = max(each["y"] + each["height"] for each in body["widgets"])
    boxes = "".join(box(each) for each in body["widgets"])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * CELL}" height="{height * CELL}" '
            f'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n{boxes}</svg>\n')


def box(widget):
    x, y, width, height = (widget[each] * CELL for each in ("x", "y", "width", "height"))
    fits = width // 6
    text = "".join(written(line[:fits], x + 10, y + 22 + LINE * number, not number)
                   for number, line in enumerate(lines(widget)))
    return (f'<rect x="{x + 3}" y="{y + 3}" width="{width - 6}" height="{height - 6}" rx="4" fill="#f4f6f8" '
            f'stroke="#8a97a5"/>\n{text}')


def written(line, x, y, is_title):
    weight = "bold" if is_title else "normal"
    return f'<text x="{x}" y="{y}" font-weight="{weight}">{escape(line)}</text>\n'


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(svg(of_template()))
