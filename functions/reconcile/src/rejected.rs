//! What a run does while a document is wrong or away: it says what stays in force, and takes access away.
//!
//! Nothing else is done before the document is mended. Whoever left in another document loses its access at once:
//! a typing error must not keep anybody's access alive. If no good documents are found at all, nobody knows what the
//! access is to be: that is reported, and the access stays.

use std::collections::BTreeSet;

use goldsmith_aws::documents::{self, AccessInForce, Documents, InForce};
use goldsmith_aws::fault::chain;
use goldsmith_aws::{Aws, Lists, look_and_plan};
use goldsmith_domain::desired::Desired;
use goldsmith_domain::document::Parsed;
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{self, Index, Plan, Publisher};
use goldsmith_domain::report::{Entry, Report};
use goldsmith_domain::resources::Wanted;
use goldsmith_function::FunctionError;

/// Reports which versions scheduled builds use until the documents are good, and plans what takes access away.
/// `None` if there never were good documents.
pub async fn plan(
    aws: &Aws,
    documents: &Documents,
    lists: Lists,
    report: &mut Report,
) -> Result<Option<Plan>, FunctionError> {
    let refused =
        |desired: &Desired| plan::refused_documents(desired, lists.pipelines(), &aws.stack);
    let found = async {
        let in_force = documents::in_force(aws, documents, refused).await?;
        let access = documents::access_in_force(aws, documents).await?;
        Ok::<_, documents::DocumentsError>(in_force.zip(access))
    };
    match found.await {
        Ok(None) => Ok(None),
        Ok(Some((in_force, access))) => {
            if !matches!(documents.parsed, Parsed::Absent(_)) {
                report_in_force(&in_force, report);
            }
            let plan = revocations(aws, documents, lists, in_force, access).await?;
            report.record_reasons(&plan);
            Ok(Some(plan))
        }
        Err(error) => {
            // The problems must be reported; this failure is reported beside them.
            report.failed.push(Entry {
                kind: "look-back".to_owned(),
                target: "documents in force".to_owned(),
                reason: Some(chain(&error)),
            });
            Ok(None)
        }
    }
}

fn report_in_force((_, versions): &InForce, report: &mut Report) {
    for (key, version) in versions {
        if report.documents.get(key) != Some(version) {
            let reason = format!(
                "version {version} stays in force for scheduled builds until {key} is fixed"
            );
            report.waiting.push(Entry {
                kind: "document".to_owned(),
                target: key.clone(),
                reason: Some(reason),
            });
        }
    }
}

/// What takes access away from those who left in a document that is good.
async fn revocations(
    aws: &Aws,
    documents: &Documents,
    lists: Lists,
    (desired, versions): InForce,
    AccessInForce { access, rejected }: AccessInForce,
) -> Result<Plan, FunctionError> {
    let standing = access.of(*desired);
    // A document that is there and wrong has not been deleted.
    let present: BTreeSet<String> = documents
        .versions()
        .into_keys()
        .chain(versions.into_keys())
        .collect();
    let wanted = Wanted::new(&standing, &aws.stack);
    // What people do by hand can wait for good documents, and costs a call for each recipe.
    let (depth, publisher) = (Depth::Digest, Publisher::Reconcile);
    let looked = look_and_plan(aws, &wanted, lists, &present, depth, publisher);
    let (observed, _) = looked.await?;
    let index = Index::new(&wanted, &observed);
    Ok(plan::revocations(index.view().despite(&rejected)))
}
