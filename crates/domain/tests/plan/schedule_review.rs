//! What an upload changes although no call is made for it.

use goldsmith_domain::desired::{Desired, Drift, ScheduledName};
use goldsmith_domain::names::RecipeName;
use goldsmith_domain::problem::Place;
use goldsmith_domain::proof::Require;
use goldsmith_domain::review::{Before, ScheduleReview, Verdict};

use crate::plan::settled;
use crate::world::desired;

fn scheduling(names: &[&str]) -> Desired {
    let scheduled = |name: &&str| ScheduledName {
        name: name.parse().expect("a name"),
        place: Place::start_of("ami-versions.json"),
    };
    Desired {
        scheduled: names.iter().map(scheduled).collect(),
        schedule: Some("cron(0 6 ? * SUN *)".parse().expect("a schedule")),
        ..desired()
    }
}

fn names(schedule: &ScheduleReview) -> (Vec<&str>, Vec<&str>) {
    let starts = schedule.starts.iter().map(RecipeName::as_str);
    let stops = schedule.stops.iter().map(RecipeName::as_str);
    (starts.collect(), stops.collect())
}

#[test]
fn a_change_of_the_scheduled_recipes_is_no_plan_of_nothing() {
    let (before, after) = (scheduling(&["110304"]), scheduling(&["110302"]));
    let review = settled(&after).review_replacing(Before::Documents(&before), &after);
    assert_eq!(review.changes, []);
    assert_eq!(review.verdict(), Verdict::Changes);
    let schedule = review.schedule.expect("a change");
    assert_eq!(names(&schedule), (vec!["110302"], vec!["110304"]));
    assert_eq!(schedule.expression.as_deref(), Some("cron(0 6 ? * SUN *)"));
    assert!(schedule.next.is_some());
}

#[test]
fn the_same_names_in_another_case_or_order_change_nothing() {
    let (before, after) = (scheduling(&["a_1", "b"]), scheduling(&["B", "A-1"]));
    let review = settled(&after).review_replacing(Before::Documents(&before), &after);
    assert_eq!(
        (review.verdict(), review.schedule),
        (Verdict::Settled, None)
    );
}

#[test]
fn where_nothing_was_in_force_everything_starts_and_where_nobody_knows_nothing_is_said() {
    let after = scheduling(&["110304"]);
    let first = settled(&after).review_replacing(Before::Nothing, &after);
    assert_eq!(names(&first.schedule.expect("a change")).0, ["110304"]);
    let unknown = settled(&after).review_replacing(Before::Unknown, &after);
    assert_eq!(unknown.schedule, None);
}

#[test]
fn what_the_documents_say_of_the_factory_itself_is_told() {
    let before = desired();
    let after = Desired {
        pause: true,
        drift: Drift::Report,
        unknown_blocks: !before.unknown_blocks,
        require: Some(Require::All),
        ..before.clone()
    };
    let review = settled(&after).review_replacing(Before::Documents(&before), &after);
    let told: Vec<&str> = review
        .settings
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "pause",
            "drift",
            "verify.unknown-blocks",
            "promotion.require"
        ]
    );
    assert_eq!(review.verdict(), Verdict::Changes);
}
