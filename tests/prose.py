"""Measures the English of the pages: how long sentences are, and which words are not used.

    python3 tests/prose.py                      the project's pages: lengths and words
    python3 tests/prose.py PAGE...              the same of some pages, taken as one set
    python3 tests/prose.py --rust PATH...       only the words, in what Rust code says to users

Prose is paragraphs and list items. Tables and headings are searched for words but have no length; code,
HTML comments and the addresses of links are left out. A code span counts as one word. The exit code is 1
if a limit is broken. It needs Python's standard library only.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
MOST_WORDS = 30
MOST_MEAN = 16
SHOWN = 10

# Pages that are read together share a mean. CHANGELOG.md is exempt: it says what was, in the words of its day.
SETS = {
    "README.md": ["README.md"],
    "ARCHITECTURE.md": ["ARCHITECTURE.md"],
    "docs": ["docs/*.md"],
    "emulator": ["crates/imagebuilder-emulator/README.md"],
    # The effects of members, which are the tables of docs/environment.md.
    "schemas": ["ami-versions/schema/*.json"],
}

# What is not used, and what to write instead. `^` is the start of a sentence, not of a table's cell or a
# heading; case does not count.
NOT_USED = [
    (r"\btold\b", "reported, shown, or notified"),
    (r"\btells? (of|the topic)\b", "reports, or notifies the topic"),
    (r"\b(hear|hears|heard) of\b", "is notified about"),
    (r"(?<!-)\bstanding\b", "current, or what is stored"),
    (r"\b(stand|stands|stood)\b(?! for\b| in for\b|-in)", "is"),
    (r"^(who|whom|whoever|whose)\b(?!.*\?\W*$)", "name the head: `a consumer that ...`"),
    (r"\bin vain\b", "without success, or failed"),
    (r"\banew\b", "again"),
    (r"\b(let|lets|letting) (\w+ )?in\b", "gets access"),
    (r"\bshut (\w+ )?out\b", "loses access, or is left out"),
    (r"\bin the way\b", "blocks"),
    (r"\b(go|goes|going|gone|went) over to\b", "switches to"),
    (r"\b(mend|mends|mended|mending)\b", "fix"),
    (r"\bbuilt again\b", "rebuilt"),
    (r"\bmade again\b", "recreated"),
    (r"\bby the hour\b", "every hour, or the hourly run"),
    (r"\bof its own accord\b", "automatically"),
    (r"\bfor want of\b", "because ... is missing"),
    (r"\bnought\b", "zero"),
    (r"\bforet(ell|ells|old)\b", "warn before"),
    (r"\b(bears?|bore|borne) out\b", "confirms"),
    (r"\b(comes?|came) into being\b", "is created"),
    (r"\b(hold|holds|held) (\w+ ){0,4}against\b", "compare with"),
    (r"\b(nothing|nobody|none|everything|everybody|all) (\w+ ){0,4}but (for|what|who)\b", "except"),
    (r"\b(whence|thence|thereof|whereof|wherein|wherewith|thereby|hereby|lest|withal|likewise)\b", "plain words"),
    (r"\bbeforehand\b", "before, or first"),
    (r"\b(suffer|suffers|suffered)\b", "fails, or has"),
]
NOT_USED = [(re.compile(pattern, re.IGNORECASE), hint) for pattern, hint in NOT_USED]

ABBREVIATIONS = {"e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "incl.", "no.", "fig.", "dr.", "mr.", "ms."}
CODE = "\u00a7"  # what a code span becomes: one word that is no English
LIST_ITEM = re.compile(r"^(\s*)(?:[-*+]|\d+[.)])\s+")
LINK_DEFINITION = re.compile(r"^\s{0,3}\[[^\]]+\]:\s")
FENCE = re.compile(r"^\s*(```+|~~~+)")
END = re.compile(r"[.!?][)\"'\u201d\u2019*_]*(?=\s|$)")


@dataclasses.dataclass
class Block:
    """A paragraph or list item, or what is only searched for words; each piece of text with its line."""

    lines: list
    measured: bool = True


@dataclasses.dataclass
class Sentence:
    """A sentence, with the place where it begins."""

    file: str
    line: int
    text: str
    measured: bool = True

    @property
    def words(self):
        return len(words(self.text))

    def __str__(self):
        return f"{self.file}:{self.line}: {self.text.replace(CODE, '`...`')}"


def words(text):
    """What counts as a word has a letter or a digit, or is a code span."""
    return [word for word in text.split() if re.search(r"\w|" + CODE, word)]


def without_comments(text):
    """The same lines, without what HTML comments hold."""
    return re.sub(r"<!--.*?-->", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.DOTALL)


def blocks(text):
    """The paragraphs, list items, headings and table rows of a Markdown page."""
    found, fence, in_list, blank = [], None, False, True
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        mark = FENCE.match(line)
        if fence or mark:
            fence = (None if mark and mark[1].startswith(fence) else fence) if fence else mark[1]
            blank = True
            continue
        line = re.sub(r"^(\s{0,3}>)+ ?", "", line)
        bare = line.strip()
        item = LIST_ITEM.match(line)
        if not bare or LINK_DEFINITION.match(line) or re.fullmatch(r"[-*_=]{3,}", bare):
            blank = True
        elif blank and not item and len(line) - len(line.lstrip()) >= (6 if in_list else 4):
            continue  # an indented block of code, which goes on until a line that is not indented
        elif bare.startswith(("#", "|")):
            found.append(Block([(number, bare.lstrip("#").replace("|", " | "))], measured=False))
            blank, in_list = True, in_list and line.startswith(" ")
        elif item or blank or not found:
            in_list = bool(item) or (in_list and line.startswith(" "))
            found.append(Block([(number, line[item.end():] if item else bare)]))
            blank = False
        else:
            found[-1].lines.append((number, bare))
    return found


def plain(text):
    """Inline Markdown as words: a code span is one, a link is its text, an address is nothing."""
    text = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", CODE, text, flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = re.sub(r"<https?://[^>]*>|https?://\S+", CODE, text)
    return re.sub(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)", "", text)


def ends_here(text, end):
    """Whether a full stop before `end` ends a sentence, rather than an abbreviation."""
    last = text[:end].split()[-1].lstrip("(\"'").lower()
    return last not in ABBREVIATIONS and not re.fullmatch(r"([a-z]\.){2,}", last)


def sentences(file, block):
    """The sentences of a block; what has no full stop at its end is one, too."""
    # Each line's start is marked, so that a sentence knows its line after the Markdown is gone.
    text = plain("\n".join(line for _, line in block.lines))
    numbers = [number for number, _ in block.lines]
    starts, place = [0], 0
    for end in END.finditer(text):
        if ends_here(text, end.end()):
            starts.append(end.end())
    for start, end in zip(starts, [*starts[1:], len(text)]):
        piece = text[start:end]
        place = text[:start + len(piece) - len(piece.lstrip())].count("\n")
        if words(piece):
            line = numbers[min(place, len(numbers) - 1)]
            yield Sentence(file, line, " ".join(piece.split()), block.measured)


def descriptions(text):
    """What a JSON Schema says of members. A noun phrase, such as `an account id`, is no sentence."""
    for number, line in enumerate(text.split("\n"), 1):
        if match := re.match(r'\s*"description": (".*"),?$', line):
            said = json.loads(match[1])
            yield Block([(number, said.replace("\n", " "))], measured=said.endswith("."))


def page(path, name):
    """The sentences of a page, or of the descriptions in a JSON Schema."""
    text = path.read_text(encoding="utf-8")
    found = descriptions(text) if path.suffix == ".json" else blocks(text)
    return [sentence for block in found for sentence in sentences(name, block)]


def misused(found):
    """What is not used, as lines to print."""
    for sentence in found:
        text = sentence.text if sentence.measured else f"| {sentence.text}"
        for pattern, hint in NOT_USED:
            if match := pattern.search(text):
                yield f"{sentence}\n    `{match[0]}` is not used; hint: {hint}"


def mean(found):
    return sum(sentence.words for sentence in found) / max(len(found), 1)


def judge(sets, out=print):
    """Prints how sets of sentences are and returns how many limits they break."""
    broken, everything = 0, []
    for name, found in sets.items():
        measured = [sentence for sentence in found if sentence.measured]
        everything += measured
        is_long = mean(measured) > MOST_MEAN
        broken += is_long
        worst = max((sentence.words for sentence in measured), default=0)
        out(f"{name}: {len(measured)} sentences, mean {mean(measured):.1f} words, longest {worst}"
            + (f"; the mean may be {MOST_MEAN}" if is_long else ""))
    everything.sort(key=lambda sentence: -sentence.words)
    out(f"The longest {SHOWN}; a sentence may have {MOST_WORDS} words:")
    for sentence in everything[:SHOWN]:
        out(f"{sentence.words:4} {sentence}")
    broken += sum(sentence.words > MOST_WORDS for sentence in everything)
    for line in misused(sentence for found in sets.values() for sentence in found):
        broken += 1
        out(line)
    return broken


RUST_TEXT = re.compile(r"#\[error\(\s*((?:\"(?:[^\"\\]|\\.)*\"))", re.DOTALL)
CLAP = re.compile(r"derive\([^)]*\b(Parser|Args|Subcommand|ValueEnum)\b")


def rust(path, name):
    """What Rust code says to users: the texts of `#[error]`, and the doc comments that clap shows."""
    text = path.read_text(encoding="utf-8")
    for match in RUST_TEXT.finditer(text):
        line = text[:match.start()].count("\n") + 1
        said = re.sub(r"\\\n\s*", "", match[1][1:-1]).replace('\\"', '"')
        yield from sentences(name, Block([(line, re.sub(r"\{[^}]*\}", CODE, said))]))
    if CLAP.search(text):
        comment = []
        for number, line in enumerate([*text.split("\n"), ""], 1):
            if doc := re.match(r"\s*///\s?(.*)", line):
                comment.append((number, doc[1]))
            elif comment:
                yield from sentences(name, Block(comment))
                comment = []


def rust_files(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(path.rglob("*.rs")) if path.is_dir() else [path]


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rust", action="store_true", help="search what Rust code says to users for words only")
    parser.add_argument("paths", nargs="*", help="pages, or with --rust files and folders")
    options = parser.parse_args(arguments)
    if options.rust:
        found = [sentence for path in rust_files(options.paths or [ROOT / "crates", ROOT / "functions"])
                 for sentence in rust(path, str(path))]
        lines = list(misused(found))
        print(*lines, f"{len(found)} sentences, {len(lines)} with words that are not used", sep="\n")
        return bool(lines)
    sets = {"pages": options.paths} if options.paths else {
        name: sorted(path for pattern in patterns for path in ROOT.glob(pattern))
        for name, patterns in SETS.items()
    }
    found = {
        name: [sentence for path in map(pathlib.Path, paths)
               for sentence in page(path, str(path.resolve().relative_to(ROOT)))]
        for name, paths in sets.items()
    }
    if broken := judge(found):
        print(f"{broken} limits of the pages' English are broken", file=sys.stderr)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
