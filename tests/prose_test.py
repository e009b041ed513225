"""That tests/prose.py finds what it must find, and nothing else. It needs the standard library only."""

import json
import pathlib
import tempfile
import unittest

import prose


def read(text, name="page.md"):
    """The sentences of a page with this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return prose.page(path, name)


def texts(text):
    return [sentence.text for sentence in read(text) if sentence.measured]


def hints(text):
    return [line.split("\n    `")[1].split("`")[0] for line in prose.misused(read(text))]


class Sentences(unittest.TestCase):
    def test_a_full_stop_ends_a_sentence(self):
        self.assertEqual(texts("One idea. Another (in brackets.) And a third? Yes!"),
                         ["One idea.", "Another (in brackets.)", "And a third?", "Yes!"])

    def test_an_abbreviation_a_version_and_a_file_name_do_not(self):
        for text in ["Some images, e.g. those of Windows, are hard.",
                     "Version 1.0.1 follows 1.0.0 in .json files.",
                     "It takes U.S. dollars, i.e. money, etc. and more."]:
            self.assertEqual(texts(text), [text])

    def test_a_list_item_is_a_sentence_and_goes_on_in_the_next_line(self):
        self.assertEqual(texts("Words:\n- the first\n  goes on\n- the second. Has two\n1. numbered\n"),
                         ["Words:", "the first goes on", "the second.", "Has two", "numbered"])

    def test_code_comments_tables_and_headings_have_no_length(self):
        page = ("# A heading\n\n<!-- a\ncomment -->\n```console\n$ some code\n```\n\n    indented code\n\n"
                "| a | table |\n|---|---|\n| of | words |\n\n[link]: https://example.com/a.b\n\nProse.")
        self.assertEqual(texts(page), ["Prose."])

    def test_a_code_span_is_one_word_and_the_address_of_a_link_is_none(self):
        (sentence,) = read("Run `make test -- all` as [the page](https://a.b/c d) says.")
        self.assertEqual(sentence.words, 6)

    def test_a_sentence_knows_the_line_it_begins_in(self):
        found = read("\nThe first\nends here. The second\nhere.\n")
        self.assertEqual([sentence.line for sentence in found], [2, 3])


    def test_the_descriptions_of_a_schema_are_sentences_and_its_noun_phrases_are_not_measured(self):
        schema = json.dumps({"a": {"description": "One. Two\nlines."}, "b": {"description": "an id"}}, indent=2)
        found = [(sentence.text, sentence.measured) for sentence in read(schema, "page.json")]
        self.assertEqual(found, [("One.", True), ("Two lines.", True), ("an id", False)])


class Limits(unittest.TestCase):
    def judge(self, text):
        lines = []
        return prose.judge({"pages": read(text)}, lines.append), lines

    def test_a_sentence_of_thirty_words_passes_and_a_longer_one_fails(self):
        short = "Short. " * 9
        self.assertEqual(self.judge(short + "word " * 29 + "end.")[0], 0)
        broken, lines = self.judge(short + "word " * 30 + "end.")
        self.assertEqual(broken, 1)
        self.assertTrue(any(line.startswith("  31 page.md:1: word") for line in lines), lines)

    def test_a_high_mean_fails(self):
        self.assertEqual(self.judge("word " * 16 + "end.")[0], 1)

    def test_what_is_not_used_fails_with_a_hint(self):
        self.assertEqual(self.judge("People are told of it.")[0], 1)
        self.assertEqual(hints("It was tried in vain."), ["in vain"])


class Words(unittest.TestCase):
    def test_what_is_not_used_is_found_in_tables_and_headings_too(self):
        self.assertEqual(hints("## Told once\n\n| mended | by hand |\n"), ["Told", "mended"])

    def test_who_needs_a_head_at_the_start_of_a_sentence(self):
        self.assertEqual(hints("Who joins gets access. Whoever leaves does not."), ["Who", "Whoever"])
        self.assertEqual(hints("Who joins? A consumer who joins gets access.\n\n| who may launch | x |\n"), [])

    def test_standing_is_no_noun(self):
        self.assertEqual(hints("The standing is stored."), ["standing"])
        self.assertEqual(hints("It is a long-standing and outstanding rule that x stands for y."), [])

    def test_code_is_not_searched(self):
        self.assertEqual(hints("The member `told` is a list.\n\n    told\n"), [])


class Rust(unittest.TestCase):
    def test_errors_and_the_texts_of_clap_are_searched_and_other_comments_are_not(self):
        code = '''
/// What people are told of.
enum Failure {
    #[error("it was \\
             built again {count} times")]
    Build,
}
'''
        clap = "#[derive(Debug, clap::Args)]\nstruct Check {\n    /// How it is told\n    format: Format,\n}\n"
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "a.rs").write_text(code, encoding="utf-8")
            (pathlib.Path(folder) / "b.rs").write_text(clap, encoding="utf-8")
            found = [sentence for path in prose.rust_files([folder])
                     for sentence in prose.rust(path, path.name)]
        self.assertEqual([line.split("\n")[0] for line in prose.misused(found)],
                         ["a.rs:4: it was built again `...` times", "b.rs:3: How it is told"])


if __name__ == "__main__":
    unittest.main()
