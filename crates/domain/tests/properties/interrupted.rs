//! P3: wherever a run is cut off, the next one ends in the same world.

use proptest::prelude::*;

use super::documents::documents;
use super::{are_served, config, lived, sorted};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn p3_any_prefix_then_another_run_ends_in_the_same_world(wanted in documents(), world in lived(), cut in 0..40usize) {
        let mut whole = world.clone();
        whole.settle(&wanted);
        let mut crashed = world;
        for change in crashed.plan(&wanted).changes.iter().take(cut) {
            crashed.make(change);
        }
        crashed.settle(&wanted);
        prop_assert!(are_served(&wanted, &crashed));
        prop_assert_eq!(sorted(crashed), sorted(whole));
    }

    #[test]
    fn p3_any_interruption_of_what_runs_side_by_side_then_another_run_ends_in_the_same_world(
        wanted in documents(), world in lived(), choices in prop::collection::vec(0..40usize, 0..40)
    ) {
        let mut whole = world.clone();
        whole.settle(&wanted);
        let mut interrupted = world;
        interrupted.run_side_by_side(&wanted, &choices);
        interrupted.settle(&wanted);
        prop_assert!(are_served(&wanted, &interrupted));
        prop_assert_eq!(sorted(interrupted), sorted(whole));
    }

    #[test]
    fn p3_any_failure_then_another_run_ends_in_the_same_world(wanted in documents(), world in lived(), failing in 0..40usize) {
        let mut whole = world.clone();
        whole.settle(&wanted);
        let mut failed = world;
        let mut changes = 0..;
        failed.run_refusing(&wanted, |_| changes.next() == Some(failing));
        failed.settle(&wanted);
        prop_assert!(are_served(&wanted, &failed));
        prop_assert_eq!(sorted(failed), sorted(whole));
    }
}
