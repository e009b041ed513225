//! Grants: who may make, use and retire them. ministack keeps them and lists them.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>

use iam_policy::Principal;
use serde_json::{Map, Value, json};

use super::authorize::{Authorization, Reason, denied, is_dry_run};
use super::caller::Caller;
use super::context::context_of;
use super::evaluate::{self, Asked, ByIdentity, ByKey};
use super::grant::{Fact, Grant};
use super::key::Key;
use super::principal;
use super::refusal::Refusal;
use super::state::{Input, KmsProxy, locked};

/// The largest page of `ListGrants`.
const PAGE: usize = 100;

impl KmsProxy {
    /// The operations of the grants that let the caller do `operation`, if there are such.
    pub async fn granted(
        &self,
        caller: &Caller,
        key: &Key,
        operation: &str,
        input: &Input,
    ) -> Result<Vec<String>, Refusal> {
        let listed = self.grants_of(key, caller, None).await?;
        let facts = locked(&self.grants);
        let mine = listed
            .into_iter()
            .filter(|grant| facts.means(grant, &grant.grantee_principal, caller));
        let fitting = mine.filter(|grant| grant.allows(operation, input));
        Ok(fitting.flat_map(|grant| grant.operations).collect())
    }

    async fn grants_of(
        &self,
        key: &Key,
        caller: &Caller,
        id: Option<&str>,
    ) -> Result<Vec<Grant>, Refusal> {
        let mut input = json!({ "KeyId": key.arn, "Limit": PAGE });
        if let Some(id) = id {
            input["GrantId"] = json!(id);
        }
        let mut grants = Vec::new();
        loop {
            let mut answer = self.owner(key, caller).kms("ListGrants", &input).await?;
            let page: Vec<Grant> =
                serde_json::from_value(answer["Grants"].take()).unwrap_or_default();
            grants.extend(page);
            if answer["Truncated"] != json!(true) {
                return Ok(grants);
            }
            input["Marker"] = answer["NextMarker"].take();
        }
    }

    /// Makes a grant for a principal that exists. A caller that is authorized by a grant can pass on
    /// only what that grant allows.
    pub async fn create_grant(
        &self,
        caller: &Caller,
        key: &Key,
        input: &Input,
        authorization: &Authorization,
    ) -> Result<Value, Refusal> {
        check_handed_on(caller, key, input, authorization)?;
        let mut fact = Fact {
            issuer: format!("arn:aws:iam::{}:root", caller.account),
            ..Fact::default()
        };
        for parameter in ["GranteePrincipal", "RetiringPrincipal"] {
            if let Some(name) = input.get(parameter).and_then(Value::as_str) {
                fact.ids
                    .extend(self.id_of(name).await?.map(|id| (name.to_owned(), id)));
            }
        }
        let answer = self
            .owner(key, caller)
            .kms("CreateGrant", &Value::Object(input.clone()))
            .await?;
        if let (Some(id), Some(token)) = (answer["GrantId"].as_str(), answer["GrantToken"].as_str())
        {
            let mut grants = locked(&self.grants);
            grants.by_id.insert(id.to_owned(), fact);
            grants
                .by_token
                .insert(token.to_owned(), (key.clone(), id.to_owned()));
        }
        Ok(answer)
    }

    /// The unique id of a principal that is given or may retire a grant; an account has none.
    async fn id_of(&self, name: &str) -> Result<Option<String>, Refusal> {
        let invalid = || {
            Refusal::new(
                "InvalidArnException",
                format!("ARN does not refer to a valid principal: {name}"),
            )
        };
        let principal = principal::read(name).ok_or_else(invalid)?;
        match principal.account() {
            Some(account) if self.overrides().is_known(account) => {}
            Some(_) | None => return Err(invalid()),
        }
        if matches!(principal, Principal::Account(_)) {
            return Ok(None);
        }
        Ok(Some(
            self.entity(name, &principal).await?.ok_or_else(invalid)?.id,
        ))
    }

    /// A page of grants; who is gone is shown by its id, as in
    /// <https://github.com/hashicorp/terraform-provider-aws/issues/29340>.
    pub async fn list_grants(
        &self,
        caller: &Caller,
        key: &Key,
        input: &Input,
    ) -> Result<Value, Refusal> {
        let mut answer = self
            .owner(key, caller)
            .kms("ListGrants", &Value::Object(input.clone()))
            .await?;
        for grant in answer["Grants"].as_array_mut().into_iter().flatten() {
            self.show(grant).await?;
        }
        Ok(answer)
    }

    async fn show(&self, grant: &mut Value) -> Result<(), Refusal> {
        let id = grant["GrantId"].as_str().unwrap_or_default().to_owned();
        let fact = locked(&self.grants).by_id.get(&id).cloned();
        let Some(fact) = fact else { return Ok(()) };
        grant["IssuingAccount"] = json!(fact.issuer);
        for field in ["GranteePrincipal", "RetiringPrincipal"] {
            let name = grant[field].as_str().map(str::to_owned);
            if let Some((name, id)) = name.and_then(|name| fact.ids.get_key_value(&name)) {
                grant[field] = json!(self.shown(name, id).await?);
            }
        }
        Ok(())
    }

    /// Retires a grant, for those who may by the grant, and for whom an account that may lets.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html>
    pub async fn retire_grant(&self, caller: &Caller, input: &Input) -> Result<Value, Refusal> {
        let (key, id) = self.grant_to_retire(caller, input).await?;
        let found = self
            .grants_of(&key, caller, Some(&id))
            .await?
            .into_iter()
            .next();
        let missing = || Refusal::new("NotFoundException", format!("Grant does not exist: {id}"));
        let grant = found.ok_or_else(missing)?;
        self.check_retiring(caller, &key, &grant).await?;
        let input = json!({ "KeyId": key.arn, "GrantId": id, "DryRun": is_dry_run(input) });
        Ok(self.owner(&key, caller).kms("RetireGrant", &input).await?)
    }

    async fn grant_to_retire(
        &self,
        caller: &Caller,
        input: &Input,
    ) -> Result<(Key, String), Refusal> {
        if let Some(token) = input.get("GrantToken").and_then(Value::as_str) {
            let invalid = || Refusal::new("InvalidGrantTokenException", "Invalid grant token.");
            return locked(&self.grants)
                .by_token
                .get(token)
                .cloned()
                .ok_or_else(invalid);
        }
        let key = self.key_in(input, "KeyId", caller).await?;
        let id = input
            .get("GrantId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Ok((key, id.to_owned()))
    }

    async fn check_retiring(
        &self,
        caller: &Caller,
        key: &Key,
        grant: &Grant,
    ) -> Result<(), Refusal> {
        let action = "kms:RetireGrant";
        let context = context_of(caller, &self.overrides(), "RetireGrant", &Map::new());
        let asked = Asked {
            caller,
            action,
            key: &key.arn,
            context: &context,
        };
        let effective = self.effective_policy(key, caller).await?;
        let by_key = evaluate::by_key(&effective.policy, &effective.ids, &asked);
        let said = self.identity(caller).await?.says(&asked);
        // Allowing it in a key policy has no effect; denying it has.
        if by_key == ByKey::Denied {
            return Err(denied(caller, action, &key.arn, Reason::DeniedByKey));
        }
        let may = match said {
            ByIdentity::Denied => {
                return Err(denied(caller, action, &key.arn, Reason::DeniedByIdentity));
            }
            ByIdentity::Allowed => is_delegate(caller, key, grant) || self.is_named(caller, grant),
            ByIdentity::Nothing => self.is_named(caller, grant),
        };
        if may {
            Ok(())
        } else {
            Err(denied(caller, action, &key.arn, Reason::NotByIdentity))
        }
    }

    fn is_named(&self, caller: &Caller, grant: &Grant) -> bool {
        let facts = locked(&self.grants);
        let is_retiring = grant
            .retiring_principal
            .as_ref()
            .is_some_and(|name| facts.means(grant, name, caller));
        let retires_own = grant
            .operations
            .iter()
            .any(|operation| operation == "RetireGrant");
        is_retiring || retires_own && facts.means(grant, &grant.grantee_principal, caller)
    }
}

/// Whether the caller's account may retire the grant, and so whom it lets.
fn is_delegate(caller: &Caller, key: &Key, grant: &Grant) -> bool {
    let root = format!("arn:aws:iam::{}:root", caller.account);
    key.account == caller.account || grant.retiring_principal.as_ref() == Some(&root)
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html>
fn check_handed_on(
    caller: &Caller,
    key: &Key,
    input: &Input,
    authorization: &Authorization,
) -> Result<(), Refusal> {
    let Authorization::ByGrant(granted) = authorization else {
        return Ok(());
    };
    let wanted = input
        .get("Operations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let is_granted = |one: &Value| granted.iter().any(|operation| one == operation);
    if wanted.into_iter().all(is_granted) {
        return Ok(());
    }
    Err(denied(
        caller,
        "kms:CreateGrant",
        &key.arn,
        Reason::NotByKey,
    ))
}
