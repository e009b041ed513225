"""That what the pages name is there: files, links, and the kinds of a report. Standard library only."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md")),
         ROOT / "crates/imagebuilder-emulator/README.md", ROOT / "infra/terraform/README.md"]
REASONS = ROOT / "crates/domain/src/plan/reason"
# Where a path of the map may begin.
BASES = [ROOT, ROOT / ".github/workflows", ROOT / ".github/scripts", ROOT / "crates",
         *sorted((ROOT / "crates").glob("*")), *sorted((ROOT / "crates").glob("*/src")),
         ROOT / "crates/domain/src/plan", ROOT / "functions/reconcile/src", ROOT / "functions/scheduled-build/src",
         ROOT / "functions/image-events/src", ROOT / "tests", ROOT / "tests/tests", ROOT / "tests/src", ROOT / "tests/workflows",
         ROOT / "infra/terraform",
         ROOT / "crates/local-stack/src/kms", ROOT / "crates/local-stack/src/embedded"]
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:rs|py|tf|txt|yaml|yml|sh|toml|md))")


def without_code(text):
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def anchors(text):
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Pages(unittest.TestCase):
    def test_every_link_between_pages_leads_somewhere(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text())):
                if target.startswith(("http:", "https:")):
                    continue
                path, _, anchor = target.partition("#")
                linked = (page.parent / path).resolve() if path else page
                with self.subTest(page=page.name, target=target):
                    self.assertTrue(linked.exists())
                    self.assertTrue(not anchor or anchor in anchors(linked.read_text()))

    def test_every_path_of_the_map_exists(self):
        for word in re.findall(r"`([^`\s]+)`", without_code((ROOT / "ARCHITECTURE.md").read_text())):
            if PATH.fullmatch(word):
                with self.subTest(word):
                    self.assertTrue(any((base / word).exists() for base in BASES))

    def test_operations_explains_every_kind_of_waiting_and_refusal(self):
        page = (ROOT / "docs/operations.md").read_text()
        for name in ["waiting", "refused"]:
            section = page.split(f"\n## {name.capitalize()}\n")[1].split("\n## ")[0]
            cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
            explained = {kind for cell in cells for kind in re.findall(r"`([^`]+)`", cell)}
            sources = [REASONS / f"{name}.rs", *(REASONS / name).glob("*.rs")]
            text = "".join(source.read_text() for source in sources)
            kinds = set(re.findall(r'=> "([a-z-]+)"', text))
            with self.subTest(name):
                # The function says it, not the plan.
                self.assertEqual(explained - {"overtaken", "discarded", "waiver-ends"}, kinds)

    def test_every_test_that_the_parity_page_names_exists(self):
        sources = [*ROOT.glob("crates/*/**/*.rs"), *ROOT.glob("functions/**/*.rs"), *ROOT.glob("tests/**/*.rs"),
                   *ROOT.glob("tests/**/*.py")]
        text = "".join(path.read_text() for path in sources if "target" not in path.parts)
        there = set(re.findall(r"\b(?:fn|def) (\w+)", text))
        named = re.findall(r"::(\w+)`", (ROOT / "docs/parity.md").read_text())
        self.assertGreater(len(named), 40)
        self.assertEqual([name for name in named if name not in there], [])

    def test_the_readme_is_short(self):
        self.assertLessEqual(len((ROOT / "README.md").read_text().split("\n")), 201)


if __name__ == "__main__":
    unittest.main()
