//! What runs remember in the output bucket, and what stands there by somebody's hand: that stops nobody.

use std::collections::BTreeMap;

use goldsmith_aws::{apply, observe, output};
use goldsmith_domain::digest::of_refused_policy;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::Action;
use goldsmith_domain::report::{LATEST, Report};
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use super::{QUARANTINE, access, grant, let_in, quarantine, standing};
use crate::support::cloud::KEY_POLICY;
use crate::support::inputs::accounts;
use crate::support::run::desired;
use crate::support::{World, parsed, plan_of};

#[tokio::test]
async fn a_quarantine_that_no_run_can_have_written_keeps_no_account_out_and_is_reported() {
    let joining = accounts(1).remove(0);
    let entry = |until: Timestamp| {
        json!({ joining.as_str(): { "reason": "forged", "until": until } }).to_string()
    };
    let far = [
        entry("2036-01-01T00:00:00Z".parse().expect("a time")),
        entry(Timestamp::now() + 25.hours()),
    ];
    let garbage = ["", "x", "[]", r#"{"222222222222":1}"#].map(str::to_owned);
    for forged in far.into_iter().chain(garbage) {
        let world = World::new();
        world.cloud.put_output(QUARANTINE, forged.clone());
        let aws = world.aws();
        let put = grant(&world, std::slice::from_ref(&joining));
        let applied = Box::pin(apply(&aws, &plan_of(put))).await;
        assert_eq!(applied.changes.len(), 1, "{forged}: {applied:?}");
        let discarded = aws.take_discarded().into_iter().map(|one| one.target);
        assert_eq!(discarded.collect::<Vec<_>>(), [QUARANTINE], "{forged}");
    }
}

/// A function has 256 MB: whoever stores more in the place of what runs remember must not end them.
#[tokio::test]
async fn an_object_of_a_terabyte_in_the_place_of_the_quarantine_is_not_read_to_its_end() {
    let joining = accounts(1).remove(0);
    let world = World::new();
    world.cloud.put_large_output(QUARANTINE, 1 << 40);
    let aws = world.aws();
    let put = grant(&world, std::slice::from_ref(&joining));
    let applied = Box::pin(apply(&aws, &plan_of(put))).await;
    assert_eq!(applied.changes.len(), 1, "{applied:?}");
    let discarded = aws.take_discarded().into_iter().map(|one| one.target);
    assert_eq!(discarded.collect::<Vec<_>>(), [QUARANTINE]);
}

/// Whoever can write to the bucket can forge what a run of today could have written as well.
#[tokio::test]
async fn no_quarantine_prevents_a_revocation() {
    let world = World::new();
    let all = accounts(2);
    assert_eq!(let_in(&world, &all).await.changes.len(), 1);
    let revoke = grant(&world, &all[..1]);
    let Action::GrantKeyAccess(put) = &revoke else {
        panic!("{revoke:?}")
    };
    let attempt = of_refused_policy(put.key.as_str(), &put.expected, &put.policy);
    let until = Timestamp::now() + 23.hours();
    let forged = json!({ attempt.to_string(): { "reason": "forged", "until": until },
                         all[0].as_str(): { "reason": "forged", "until": until } });
    world.cloud.put_output(QUARANTINE, forged.to_string());
    let applied = world.attempt(revoke).await;
    assert_eq!(applied.changes.len(), 1, "{applied:?}");
    assert_eq!(standing(&world), access(&all[..1]));
}

#[tokio::test]
async fn a_last_report_that_no_run_can_have_written_is_replaced_and_reported() {
    let mut ahead = serde_json::to_value(Report::default()).expect("JSON");
    ahead["run"] = json!("r");
    ahead["told"] = json!([]);
    let mut newer = ahead.clone();
    ahead["time"] = json!("9990-01-01T00:00:00.000Z");
    newer["format"] = json!(99);
    for forged in [ahead.to_string(), newer.to_string(), "garbage".to_owned()] {
        let world = World::new();
        world.cloud.put_output(LATEST, forged.clone());
        let aws = world.aws();
        let (latest, etag) = output::latest(&aws).await.expect("an answer");
        assert_eq!(latest, None, "{forged}");
        assert!(etag.is_some(), "it can be replaced");
        let discarded = aws.take_discarded().into_iter().map(|one| one.target);
        assert_eq!(discarded.collect::<Vec<_>>(), [LATEST], "{forged}");
    }
}

#[tokio::test]
async fn a_quarantine_is_remembered_until_it_expires() {
    let world = World::with_documents();
    let aws = world.aws();
    let wanted = desired(&aws).await;
    let quarantined = async || {
        observe(&aws, &wanted, Depth::Digest)
            .await
            .expect("a look")
            .quarantined
    };
    assert_eq!(quarantined().await, BTreeMap::new());
    let (over, lasts) = (Timestamp::now() - 1.hour(), Timestamp::now() + 1.hour());
    let content = format!(
        r#"{{"333333333333":{{"reason":"over","until":"{over}"}},"222222222222":{{"reason":"unknown","until":"{lasts}"}}}}"#
    );
    world.cloud.put_output(QUARANTINE, content);
    assert_eq!(
        quarantined().await,
        [(parsed("222222222222"), "unknown".to_owned())].into()
    );

    // Another one is added, and what is over is forgotten.
    let all = accounts(1);
    world
        .cloud
        .keys(|keys| keys.forget_account(all[0].as_str()));
    let_in(&world, &all).await;
    let kept_out: Vec<String> = quarantine(&world).into_keys().collect();
    assert_eq!(kept_out, ["200000000000", "222222222222"]);

    world.cloud.put_output(QUARANTINE, "not a quarantine");
    assert_eq!(
        quarantined().await,
        BTreeMap::new(),
        "what cannot be read keeps nobody out"
    );
    assert!(!world.cloud.key_policy().contains("200000000000"));
    assert!(
        world
            .cloud
            .key_policy()
            .starts_with(KEY_POLICY.trim_end_matches("]}"))
    );
}
