//! The same policies, judged by somebody else's evaluator. It takes the principal of a statement
//! literally, so that who asks is the account's root, with the role in the context.

use std::collections::HashMap;

use iam_rs::{
    Arn, Context, ContextValue, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policy,
};
use proptest::prelude::*;

use crate::key_policy::evaluator::{Decision, Request, decide, statements};
use crate::key_policy::panel::requests;
use crate::key_policy::policies::{ADMIN, policy, some_consumers};
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
    ];
    all.extend(
        keys.into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?))),
    );
    Context::with_data(all)
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
}
