//! For any review: the comment fits, and refusals and lost access are cut last.

use goldsmith_domain::report::Entry;
use goldsmith_domain::review::{
    Action, Difference, Direction, KeyPolicyReview, Quota, QuotaSource, Review, Storage,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::markdown::{self, Page};
use super::samples::{access, key, parsed, recipe, settled};

const PAGE: Page<'_> = Page {
    limit: 0,
    brief: true,
    commit: None,
    rest: "the rest is elsewhere",
};
const LEAST: usize = 4096;

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-z `|@#<>*-]{0,40}",
        3 => "\\PC{0,30}",
        1 => Just("x".repeat(5000)),
        1 => Just("` |\n".repeat(400)),
        1 => Just("é".repeat(900)),
    ]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (texts(), texts(), option::of(texts()));
    vec(
        entry.prop_map(|(kind, target, reason)| Entry {
            kind,
            target,
            reason,
        }),
        0..20,
    )
}

fn differences() -> impl Strategy<Value = Vec<Difference>> {
    let difference = (texts(), option::of(texts()), option::of(texts()));
    vec(
        difference.prop_map(|(what, from, to)| Difference { what, from, to }),
        0..8,
    )
}

prop_compose! {
    fn reviews()(
        refused in entries(),
        waiting in entries(),
        changes in entries(),
        settings in differences(),
        because in differences(),
        accounts in vec((any::<bool>(), texts()), 0..30),
        policies in vec((texts(), texts()), 0..3),
        rows in 0_usize..60,
        notes in vec(texts(), 0..8),
    ) -> Review {
        let direction = |loses| if loses { Direction::Loses } else { Direction::Gains };
        let change = |(n, (loses, effect)): (usize, (bool, String))| access(&format!("{n:012}"), direction(loses), &effect);
        let mut one = recipe("a", Action::NewVersion, "1.0.1", None);
        one.because = because;
        let quota = Quota { name: "q".repeat(rows), used: 1, after: usize::MAX, limit: 0, source: QuotaSource::Document };
        let storage = Storage { account: parsed("111122223333"), region: parsed("us-east-1"), snapshots: usize::MAX, gib: u64::MAX };
        Review {
            refused, waiting, changes, settings, notes,
            recipes: vec![one; rows / 10],
            access: accounts.into_iter().enumerate().map(change).collect(),
            key_policies: policies.into_iter().map(|(before, after)| KeyPolicyReview { key: key(), before, after, bytes: rows, limit: 0 }).collect(),
            quotas: vec![quota; rows],
            storage: vec![storage; rows],
            ..settled()
        }
    }
}

/// The part of a comment under a heading, and whether something of it was cut.
fn part<'a>(rendered: &'a str, title: &str) -> Option<&'a str> {
    let (_, after) = rendered.split_once(&format!("\n### {title}\n"))?;
    let ends = ["\n### ", "\n<details>"]
        .into_iter()
        .filter_map(|next| after.find(next));
    let end = ends.min().unwrap_or(after.len());
    Some(&after[..end])
}

/// Whether all `lines` lines of the part under a heading are shown.
fn is_whole(rendered: &str, title: &str, lines: usize) -> bool {
    let shown = part(rendered, title).map_or(0, |part| {
        part.lines().filter(|line| line.starts_with("- ")).count()
    });
    shown == lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_comment_fits(review in reviews(), limit in LEAST..40_000) {
        let rendered = markdown::render(&review, &Page { limit, ..PAGE });
        prop_assert!(rendered.len() <= limit, "{} bytes of {limit}", rendered.len());
        let whole = markdown::render(&review, &Page { limit, brief: false, ..PAGE });
        prop_assert!(whole.len() <= limit, "{} bytes of {limit}", whole.len());
    }

    #[test]
    fn refusals_and_losses_are_cut_last(review in reviews(), limit in LEAST..40_000) {
        let rendered = markdown::render(&review, &Page { limit, ..PAGE });
        let losses = review.access.iter().filter(|change| change.direction == Direction::Loses).count();
        let all_first = is_whole(&rendered, "Refused", review.refused.len()) && is_whole(&rendered, "Access lost", losses);
        let others = ["Access gained", "Recipes", "For every recipe", "Quotas", "Storage", "Waiting", "Notes"];
        let other = others.iter().any(|title| part(&rendered, title).is_some()) || rendered.contains("<details>");
        prop_assert!(all_first || !other, "another part is shown instead of a refusal or a loss");
    }

    #[test]
    fn a_cut_is_always_noted(review in reviews(), limit in LEAST..40_000) {
        let rendered = markdown::render(&review, &Page { limit, ..PAGE });
        let whole = markdown::render(&review, &Page { limit: usize::MAX / 2, ..PAGE });
        prop_assert_eq!(rendered == whole, !rendered.contains(PAGE.rest));
    }

    #[test]
    fn no_line_of_the_markdown_comes_from_a_document(review in reviews()) {
        let rendered = markdown::render(&review, &Page { limit: usize::MAX / 2, ..PAGE });
        let ours = ["- ", "| ", "|", "#", "<details>", "</details>", "<!--", "`", "+", "-", " ", "@@", "In account", "Our statements", "The builds"];
        for line in rendered.lines().filter(|line| !line.is_empty()) {
            prop_assert!(ours.iter().any(|start| line.starts_with(start)), "{line}");
        }
    }
}
