//! How reviews look.

use goldsmith_domain::review::{Action, Review, ScheduleReview};
use jiff::tz::TimeZone;

use super::markdown::{COMMENT, Page, SUMMARY};
use super::samples::{difference, entry, everything, hostile, huge, parsed, recipe, settled};
use super::{markdown, phrase, text};
use crate::render::escape::Plain;

const PAGE: Page<'_> = Page {
    limit: COMMENT,
    brief: true,
    commit: None,
    rest: "the rest is in the job summary",
};

#[test]
fn text_shows_everything() {
    let rendered = text::render_in(&everything(), &TimeZone::UTC, None);
    assert_eq!(rendered, include_str!("everything.txt"));
}

#[test]
fn markdown_shows_everything() {
    let page = Page {
        commit: Some("0123abc"),
        ..PAGE
    };
    assert_eq!(
        markdown::render(&everything(), &page),
        include_str!("everything.md")
    );
}

#[test]
fn a_plan_without_changes_says_so() {
    insta::assert_snapshot!(text::render(&settled(), None), @r#"nonprod in 111122223333, us-east-1: nothing to do; 2 recipes stay as they are"#);
    let waiting = goldsmith_domain::review::Review {
        waiting: everything().waiting,
        ..settled()
    };
    assert!(text::render(&waiting, None).starts_with(
        "nonprod in 111122223333, us-east-1: nothing to do; 2 recipes stay as they are; 1 thing waits\n"
    ));
}

#[test]
fn a_change_of_the_schedule_alone_is_no_plan_of_nothing() {
    let review = Review {
        schedule: Some(ScheduleReview {
            starts: Vec::new(),
            stops: vec![parsed("110302")],
            expression: Some("rate(7 days)".to_owned()),
            next: None,
        }),
        ..settled()
    };
    insta::assert_snapshot!(text::render_in(&review, &TimeZone::UTC, None), @r"
    nonprod in 111122223333, us-east-1: 1 recipe gets no more patches, 2 recipes stay as they are

    Schedule
      - 110302 gets no more patches: it leaves ami-scheduled
      - the schedule is rate(7 days), counted from when the rule was last changed
    ");
}

#[test]
fn a_setting_that_takes_effect_without_a_call_is_told() {
    let review = Review {
        settings: vec![difference("pause", Some("false"), Some("true"))],
        ..settled()
    };
    insta::assert_snapshot!(text::render_in(&review, &TimeZone::UTC, None), @r"
    nonprod in 111122223333, us-east-1: 2 recipes stay as they are, 1 setting changes

    For every recipe
      - pause: from false to true
    ");
}

#[test]
fn text_from_a_fork_is_not_markup() {
    insta::assert_snapshot!(markdown::render(&hostile(), &PAGE), @r#"
    <!-- goldsmith plan nonprod -->
    ## Plan for `nonprod`

    In account `111122223333`, Region `us-east-1`: **1 thing is refused, 1 recipe changes, 2 recipes stay as they are**.

    ### Refused

    - ````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�````: `</details><img` `src=x>` `#` Approved `@octocat` `[x](http://e`) `¦` ``` `a``b` ``` ```` ``` ```` `�[2J�` (````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�````)

    ### Recipes

    - `110304` gets version ````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�```` (now ````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�````), because its `</details><img` `src=x>` `#` Approved `@octocat` `[x](http://e`) `¦` ``` `a``b` ``` ```` ``` ```` `�[2J�` changes from ````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�```` to ````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�````; nothing has to be built: the image ````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�```` is published in its place

    <details><summary>Key policy</summary>

    Our statements; the whole policy will have 1 of 0 bytes (100 %).

    `````diff
    @@ -0,0 +1,5 @@
    +</details><img src=x>
    +# Approved
    +@octocat [x](http://e) | `a``b` ```
    +�[2J�
    +````
    `````

    </details>

    ### Quotas

    | quota | used now | used after | limit | left | source |
    | --- | --- | --- | --- | --- | --- |
    | ````</details><img src=x> # Approved @octocat [x](http://e) ¦ `a``b` ``` �[2J�```` | 1 | 1 | 1 | 0 | default |

    ### Notes

    - `</details><img` `src=x>` `#` Approved `@octocat` `[x](http://e`) `¦` ``` `a``b` ``` ```` ``` ```` `�[2J�`
    "#);
}

#[test]
fn text_from_a_fork_cannot_control_the_terminal() {
    let rendered = text::render(&hostile(), None);
    assert!(
        rendered.chars().all(|c| c == '\n' || !c.is_control()),
        "{rendered:?}"
    );
}

#[test]
fn a_huge_plan_fits_and_says_what_was_cut() {
    let rendered = markdown::render(&huge(), &PAGE);
    assert!(rendered.len() <= COMMENT, "{} bytes", rendered.len());
    for account in 100_000..100_150 {
        assert!(
            rendered.contains(&format!("{account:012}")),
            "{account} loses access, and is not shown"
        );
    }
    let cut: Vec<&str> = rendered
        .lines()
        .filter(|line| line.starts_with('…'))
        .collect();
    assert_eq!(
        cut.len(),
        1,
        "the two thousand accounts that gain are cut, and nothing else: {cut:?}"
    );
    assert!(
        cut[0].ends_with(" more lines; the rest is in the job summary."),
        "{cut:?}"
    );
    assert!(rendered.contains("`r299`"), "the last recipe is not there");
    for title in [
        "Refused",
        "Recipes",
        "Key policy",
        "Quotas",
        "Storage",
        "Waiting",
    ] {
        assert!(rendered.contains(title), "{title} is not there");
    }
}

#[test]
fn the_summary_has_all_of_it() {
    let rendered = markdown::render(
        &huge(),
        &Page {
            limit: SUMMARY,
            brief: false,
            ..PAGE
        },
    );
    assert!(
        rendered.len() <= SUMMARY && !rendered.contains('…'),
        "{} bytes",
        rendered.len()
    );
    assert!((500_000..502_000).all(|account| rendered.contains(&format!("{account:012}"))));
}

#[test]
fn a_recipe_is_described_in_a_sentence() {
    let sentence = |review| phrase::recipe(&review, &Plain);
    let mut keep = recipe("a", Action::Keep, "1.0.0", Some("1.0.0"));
    assert_eq!(
        sentence(keep.clone()),
        "a stays at version 1.0.0; nothing is built"
    );
    keep.builds = true;
    assert_eq!(
        sentence(keep.clone()),
        "a stays at version 1.0.0; a build starts"
    );
    let mut back = recipe("a", Action::Repoint, "1.0.0", Some("1.0.1"));
    back.because = vec![
        difference("base image", Some("ami-1"), Some("ami-2")),
        difference("component harden", None, Some("1.0.0")),
        difference("volume /dev/sdf", Some("20 GiB"), None),
    ];
    back.publishes = Some("image/a/1.0.0/2".to_owned());
    back.dependents = vec![parsed("b"), parsed("c")];
    insta::assert_snapshot!(sentence(back), @r#"a goes to version 1.0.0, which exists already (now 1.0.1), because its base image changes from ami-1 to ami-2, it gets the component harden 1.0.0 and it loses the volume /dev/sdf 20 GiB; nothing has to be built: the image image/a/1.0.0/2 is published in its place; b and c are built on it and will follow"#);
}

#[test]
fn an_entry_without_a_reason_is_its_kind_and_target() {
    assert_eq!(
        phrase::entry(&entry("start-build", "a", None), &Plain),
        "start-build a"
    );
}
