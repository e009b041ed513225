//! Somebody who may open a pull request from a fork wants to read parameters of the building account.

use goldsmith_tests::{BASE, Documents, Factory};

use super::everything_shown;

const SECRET: &str = "hunter2-the-password";

/// What is in the account, by name and type.
const PARAMETERS: [(&str, &str); 5] = [
    ("/prod/db/password", "String"),
    ("/goldsmith/text", "String"),
    ("/goldsmith/secure", "SecureString"),
    ("/goldsmith/list", "StringList"),
    ("/goldsmith-evil/text", "String"),
];

async fn with_parameters() -> Factory {
    let factory = Factory::with(&Documents::of_recipes(["110304"])).await;
    for (name, kind) in PARAMETERS {
        let put = factory.aws.put_parameter(name, kind, SECRET).await;
        put.expect("a parameter");
    }
    factory
}

#[tokio::test]
async fn a_pull_request_never_shows_what_a_parameter_says() {
    let factory = with_parameters().await;
    let mut documents = Documents::of_recipes(["110304"]);
    for (n, (name, _)) in PARAMETERS.iter().enumerate() {
        documents = documents.with_recipe(&format!("fork-{n}"), &format!("ssm:{name}"));
    }
    let shown = everything_shown(&factory, "attack-parameters", &documents).await;
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("it was not looked up"), "{shown}");
}

#[tokio::test]
async fn a_pull_request_does_not_learn_which_parameters_there_are() {
    let factory = with_parameters().await;
    let mut answers = Vec::new();
    for name in [
        "/goldsmith/text",
        "/goldsmith/secure",
        "/goldsmith/list",
        "/goldsmith/no",
    ] {
        let base = format!("ssm:{name}");
        let documents = Documents::of_recipes(["110304"]).with_recipe("fork", &base);
        let report = factory.dry_run_with(&documents).await;
        let refused = report.refused_for("parameter").expect("it is refused");
        answers.push(refused.reason.replace(name, "NAME"));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
}

#[tokio::test]
async fn a_parameter_that_is_refused_keeps_no_other_recipe_and_an_allowed_one_is_built_on() {
    let factory = with_parameters().await;
    let base = factory.aws.put_parameter("/goldsmith/base", "String", BASE);
    base.await.expect("a parameter");
    let documents = Documents::of_recipes(["110304"])
        .with_recipe("fork", "ssm:/prod/db/password")
        .with_recipe("good", "ssm:/goldsmith/base");
    factory.upload(&documents).await;
    assert!(factory.recipes().await.contains_key("good"));
    assert!(!factory.recipes().await.contains_key("fork"));
    let refused = factory.assert_settled_but_refused().await.refused;
    assert_eq!(refused.len(), 1, "{refused:?}");
}
