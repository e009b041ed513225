//! The same policies, judged by other evaluators: that of `verify` and the local KMS, and somebody
//! else's. The latter takes the principal of a statement literally. So it is asked about the account's
//! root, with the role in the context.

use std::collections::HashMap;

use iam_rs::{
    Arn, Context, ContextValue, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policy,
};
use proptest::prelude::*;

use crate::key_policy::evaluator::{Decision, Request, decide, statements};
use crate::key_policy::panel::requests;
use crate::key_policy::policies::{ADMIN, policy, some_consumers, some_policy};
use crate::key_policy::{access, bring, stack};

fn context(request: &Request) -> Context {
    let mut all = HashMap::from([(
        "aws:PrincipalArn".to_owned(),
        ContextValue::String(request.principal.clone()),
    )]);
    let texts =
        |texts: Vec<&str>| ContextValue::StringList(texts.into_iter().map(str::to_owned).collect());
    let keys = [
        (
            "aws:PrincipalOrgPaths",
            request.org_path.map(|path| texts(vec![path])),
        ),
        (
            "kms:GrantIsForAWSResource",
            request.for_aws_resource.map(ContextValue::Boolean),
        ),
        (
            "kms:GranteePrincipal",
            request.grantee.clone().map(ContextValue::String),
        ),
        ("kms:GrantOperations", request.operations.clone().map(texts)),
        (
            "kms:ViaService",
            request.via.map(|via| ContextValue::String(via.to_owned())),
        ),
    ];
    all.extend(
        keys.into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?))),
    );
    Context::with_data(all)
}

/// The evaluator of `verify`, asked about a request of which everything is known.
fn of_iam_policy(policy: &iam_policy::Policy, request: &Request) -> Decision {
    let mut context = iam_policy::Context::default();
    context.set("aws:PrincipalArn", &request.principal);
    for key in ["aws:PrincipalAccount", "kms:CallerAccount"] {
        context.set(key, request.account());
    }
    context.set_all("aws:PrincipalOrgPaths", request.org_path);
    let for_aws_resource = request.for_aws_resource.map(|yes| yes.to_string());
    context.set_all("kms:GrantIsForAWSResource", for_aws_resource);
    context.set_all("kms:GranteePrincipal", request.grantee.clone());
    let operations = request.operations.clone().unwrap_or_default();
    context.set_all("kms:GrantOperations", operations);
    context.set_all("kms:ViaService", request.via);
    context.set("aws:SecureTransport", "true");
    context.set_others_absent("aws:");
    context.set_others_absent("kms:");
    let key = stack().key;
    let asked = iam_policy::Request {
        principal: &request.principal,
        action: request.action,
        resource: key.as_str(),
        context: &context,
    };
    match policy.evaluate(&asked) {
        iam_policy::Decision::Allowed(_) => Decision::Allow,
        iam_policy::Decision::ExplicitDeny(_) => Decision::Deny,
        iam_policy::Decision::ImplicitDeny => Decision::Nothing,
        iam_policy::Decision::Unknown(why) => panic!("everything is known, and {why}"),
    }
}

fn second_opinion(policy: &IAMPolicy, request: &Request) -> Decision {
    let root = format!("arn:aws:iam::{}:root", request.account());
    let key = Arn::parse(stack().key.as_str()).expect("the key's ARN");
    let principal = Principal::Aws(PrincipalId::String(root));
    let asked = IAMRequest::new_with_context(principal, request.action, key, context(request));
    match evaluate_policy(policy, &asked).expect("an opinion") {
        iam_rs::Decision::Allow => Decision::Allow,
        iam_rs::Decision::Deny => Decision::Deny,
        iam_rs::Decision::NotApplicable => Decision::Nothing,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn both_evaluators_agree(consumers in some_consumers()) {
        let after = bring(&policy(&[ADMIN]), &access(&consumers)).expect("it can be written");
        let (ours, theirs) = (statements(&after), serde_json::from_str(&after).expect("a policy"));
        for request in requests() {
            prop_assert_eq!(decide(&ours, &request), second_opinion(&theirs, &request), "{:?}", request);
        }
    }

    #[test]
    fn the_evaluator_of_verify_agrees(written in some_policy(), consumers in some_consumers()) {
        let after = bring(&written.text, &access(&consumers)).expect("it can be written");
        let (ours, theirs) = (statements(&after), iam_policy::Policy::parse(&after).expect("a policy"));
        for request in requests() {
            prop_assert_eq!(decide(&ours, &request), of_iam_policy(&theirs, &request), "{:?}", request);
        }
    }
}
