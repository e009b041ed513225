//! The patterns of single definitions: what each takes and refuses.

use super::schema_of;

/// Values that a definition of a schema takes, and values that it refuses. The reader's own tables are longer.
const JUDGED: [(&str, &[&str], &[&str]); 7] = [
    (
        "BaseName",
        &[
            "ami-1a2b3c4d",
            "ssm:base",
            "ssm:/golden/base.9_x-1",
            "ssm:/golden/aws/reference",
            "recipe:base_9",
            "arn:aws:imagebuilder:us-east-1:aws-marketplace:image/a_b-9/1.0.x",
            "arn:aws-us-gov:imagebuilder:us-gov-west-1:111122223333:image/a/1.0.0/1",
        ],
        &[
            "ssm:/aws/reference/x",
            "ssm:/AWS/Reference",
            "ssm:/golden//base",
            "ssm:/golden/../base",
            "ssm:golden/base",
            "ssm:/golden/base:3",
            "arn:aws:imagebuilder:us-east-1:aws:image/a\n/x.x.x",
            "arn:aws:imagebuilder:us-east-1:aws:image/a/x.0.0",
            "arn:aws:imagebuilder:us-east-1:aws:image/a/x.x.x/1",
            "arn:aws:imagebuilder::aws:image/a/x.x.x",
        ],
    ),
    (
        "ComponentName",
        &[
            "components/harden.yml",
            "arn:aws:imagebuilder:us-east-1:third-party:component/a/1.x.x",
        ],
        &[
            "components/../harden.yml",
            "arn:aws:imagebuilder:us-east-1:1:component/a/1.x.x",
        ],
    ),
    (
        "RoleArn",
        &["arn:aws:iam::222222222222:role/teams/bi/launch"],
        &[
            "arn:aws:iam:us-east-1:222222222222:role/launch",
            "arn:aws:iam::222222222222:role//launch",
            "arn:asw:iam::222222222222:role/launch",
        ],
    ),
    (
        "ScheduleExpression",
        &[
            "cron(0/15 8-17 ? JAN-MAR 6L 2027)",
            "cron(0 6 LW * ? *)",
            "rate(1 day)",
            "rate(10 days)",
        ],
        &[
            "cron(0 6 * * SUN *)",
            "cron(0 6 ? * SUN *)\n",
            "rate(1 days)",
            "rate(05 days)",
            "rate(+5 days)",
        ],
    ),
    (
        "InstanceType",
        &["u-6tb1.112xlarge"],
        &["-.-", "m6i", "M6i.large"],
    ),
    ("KeyPairName", &["a", "my key"], &["", " a", "a "]),
    ("Region", &["us-gov-west-1"], &["us-east-100", "us-east-1a"]),
];

#[test]
fn the_patterns_of_names_judge_as_the_readers_do() {
    let schemas = ["environment", "ami-versions"].map(schema_of);
    for (name, good, bad) in JUDGED {
        let definition = schemas.iter().find_map(|schema| schema["$defs"].get(name));
        let validator = jsonschema::validator_for(definition.expect(name)).expect("a schema");
        let valid = |text: &str| validator.is_valid(&text.into());
        assert!(
            good.iter().all(|good| valid(good)),
            "{name}: {:?}",
            good.iter().find(|good| !valid(good))
        );
        assert!(
            !bad.iter().any(|bad| valid(bad)),
            "{name}: {:?}",
            bad.iter().find(|bad| valid(bad))
        );
    }
}
