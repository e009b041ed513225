//! How many consumers fit into a key policy.

use goldsmith_domain::consumers::{Account, Consumers, DeliveryMode};
use goldsmith_domain::key_policy::{KeyPolicyError, LARGEST_POLICY};

use crate::key_policy::evaluator::{Decision, Request, decide, statements};
use crate::key_policy::{access, bring, consumers, organization, read, role, sharing};

/// The statements that the stack's template gives the key, in compact JSON.
const INITIAL: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"AccountAdministers","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},{"Sid":"ImageBuilderUses","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"}}},{"Sid":"ImageBuilderGrants","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:CreateGrant","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"},"Bool":{"kms:GrantIsForAWSResource":"true"}}}]}"#;

fn id(n: usize) -> String {
    (200_000_000_000 + n).to_string()
}

fn by_role(n: usize) -> Account {
    sharing(&id(n), &[role(&id(n), "mstr-launch")])
}

/// How many accounts fit, by what the refusal of too many says; that one more does not is seen by trying.
fn fit(account: impl Fn(usize) -> Account) -> usize {
    let first = |count| access(&consumers((0..count).map(&account).collect()));
    let Err(KeyPolicyError::TooLarge {
        fit,
        of: 1000,
        bytes,
    }) = read(INITIAL).with(&first(1000))
    else {
        panic!("a thousand accounts fit");
    };
    let full = bring(INITIAL, &first(fit)).expect("as many as it says");
    assert!(full.len() <= LARGEST_POLICY && bytes > LARGEST_POLICY);
    let one_more = read(INITIAL).with(&first(fit + 1));
    assert!(matches!(one_more, Err(KeyPolicyError::TooLarge { fit: again, .. }) if again == fit));
    fit
}

#[test]
#[allow(
    clippy::print_stdout,
    reason = "the numbers are for people, who decide by them"
)]
fn so_many_accounts_fit() {
    let shared = fit(by_role);
    let copied = fit(|n| Account {
        serve: DeliveryMode::Copy,
        ..by_role(n)
    });
    let any = fit(|n| sharing(&id(n), &[]));
    println!("accounts that fit into a key policy beside the template's statements:");
    println!("{shared:5} by one role each, {copied} if they get copies, {any} by every principal");
    // What docs/consumers.md says: the deployed policy has some sixty bytes more.
    for (found, said) in [(shared, 195), (copied, 95), (any, 240)] {
        assert!(
            (said..said + 10).contains(&found),
            "{found} fit, and the page says about {said}"
        );
    }
}

/// Whether a role of an account in this place may decrypt.
fn decrypts(policy: &str, n: usize, org_path: Option<&'static str>) -> bool {
    let request = Request {
        principal: role(&id(n), "anything"),
        action: "kms:Decrypt",
        org_path,
        for_aws_resource: None,
        grantee: None,
        operations: None,
        via: Some("ec2.us-east-1.amazonaws.com"),
    };
    decide(&statements(policy), &request) == Decision::Allow
}

#[test]
fn by_organization_a_thousand_accounts_take_as_many_bytes_as_one() {
    let path = "o-aaaaaaaaaa/r-1111/ou-1111-11111111/*";
    let organizations = vec![organization(path)];
    let policy = bring(
        INITIAL,
        &access(&Consumers {
            accounts: Vec::new(),
            organizations,
        }),
    )
    .expect("it fits");
    let inside = Some("o-aaaaaaaaaa/r-1111/ou-1111-11111111/ou-1111-22222222/");
    let outside = Some("o-aaaaaaaaaa/r-1111/ou-1111-22222222/");
    assert!((0..1000).all(|n| decrypts(&policy, n, inside)));
    assert!(!(0..1000).any(|n| decrypts(&policy, n, outside) || decrypts(&policy, n, None)));
    // The statements hold no account, so that there is nothing to grow by.
    let ours = read(&policy).statements();
    assert!(!ours.contains("iam::"), "{ours}");
    let one = bring(INITIAL, &access(&consumers(vec![by_role(0)]))).expect("it fits");
    assert!(
        policy.len() < one.len() + 100,
        "{} bytes, and one account alone takes {}",
        policy.len(),
        one.len()
    );
}
