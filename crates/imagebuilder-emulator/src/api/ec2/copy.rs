//! CopyImage and CopySnapshot. Both are called in the Region that the copy is to be in.

use crate::{
    api::ec2::{register, request::Ec2Request, tags, token},
    common::{
        ec2_error::{client_error, unknown_image, unknown_snapshot},
        error::ApiError,
        tags::{OwnedTags, Tags},
        text::Text,
    },
    engine::ec2::copy::{CopyRequest, key_arn},
    records::ec2::{
        ami::{Ami, AmiState},
        snapshot::Snapshot,
    },
    wire::{
        ec2_answer::{self, Answer},
        query::Query,
        xml::Xml,
    },
};

/// The key of a copy that is to be encrypted and names none.
const DEFAULT_KEY: &str = "alias/aws/ebs";

/// Tags of the owner that copies by others keep (API reference, CopyImage).
const SHARED_TAG: &str = "ec2:SharedTag/";

/// CopyImage.
pub(crate) fn copy_image(request: &mut Ec2Request<'_>) -> Answer {
    if let Some(id) = token::recalled(request)? {
        return Ok(vec![Xml::leaf("imageId", id)]);
    }
    let outposts = [
        "DestinationOutpostArn",
        "DestinationAvailabilityZone",
        "DestinationAvailabilityZoneId",
    ];
    request.query.refuse_not_emulated(&outposts)?;
    request
        .query
        .refuse_not_emulated(&["SnapshotCopyCompletionDurationMinutes"])?;
    let name = request.query.required("Name")?.to_owned();
    let source = source_image(request)?;
    register::check_name(request, &name)?;
    let both = ["image", "snapshot"];
    let image_tags = tags::specified(&request.query, "image", &both)?;
    let snapshot_tags = tags::specified(&request.query, "snapshot", &both)?;
    let mut snapshots = request.ec2.snapshots_of(&source);
    refuse_decryption(&request.query, snapshots.find(|one| one.encrypted))?;
    drop(snapshots);
    let copy_request = copy_request(request, source, name)?;
    let id = request.ec2.copy(&copy_request);
    let account = &request.caller.account;
    if request.query.flag("CopyImageTags") == Some(true) {
        request
            .ec2
            .ami_mut(&id)?
            .tag(account, inherited(&copy_request.source, account));
    }
    request.ec2.ami_mut(&id)?.tag(account, image_tags);
    tag_snapshots(request, &id, &snapshot_tags);
    token::remember(request, &id);
    Ok(vec![Xml::leaf("imageId", id)])
}

fn copy_request(
    request: &Ec2Request<'_>,
    source: Ami,
    name: String,
) -> Result<CopyRequest, ApiError> {
    let caller = request.caller;
    Ok(CopyRequest {
        source,
        region: caller.region.clone(),
        owner: caller.account.clone(),
        name,
        description: request.query.text("Description").map(str::to_owned),
        kms_key: kms_key(&request.query)?,
        now: request.now,
    })
}

/// Nothing that is encrypted is copied in clear. Code and text were seen (packer, issue 11741).
fn refuse_decryption(query: &Query, encrypted: Option<&Snapshot>) -> Result<(), ApiError> {
    match encrypted {
        Some(Snapshot { id, .. }) if query.flag("Encrypted") == Some(false) => Err(client_error(
            "InvalidRequest",
            format!(
                "Snapshot {id} is encrypted. Creating unencrypted copy from an encrypted snapshot is not supported."
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

/// The key to encrypt with.
fn kms_key(query: &Query) -> Result<Option<String>, ApiError> {
    let encrypted = query.flag("Encrypted") == Some(true);
    match query.text("KmsKeyId") {
        Some(key) if encrypted => Ok(Some(key.to_owned())),
        Some(_) => Err(client_error(
            "InvalidParameterDependency",
            "The parameter KmsKeyId requires the parameter Encrypted to be set.",
        )),
        None => Ok(encrypted.then(|| DEFAULT_KEY.to_owned())),
    }
}

/// The AMI to be copied, if the caller may.
fn source_image(request: &Ec2Request<'_>) -> Result<Ami, ApiError> {
    let (id, region) = (
        request.query.required("SourceImageId")?,
        request.query.required("SourceRegion")?,
    );
    Query::check_id(id, "ami", "InvalidAMIID.Malformed")?;
    let account = &request.caller.account;
    let ami = request
        .ec2
        .visible(id, region, account)
        .ok_or_else(|| unknown_image(id))?;
    if ami.state == AmiState::Disabled {
        return Err(client_error(
            "InvalidAMIID.Unavailable",
            format!("The image ID '{id}' is disabled"),
        ));
    }
    if ami.owner != *account {
        check_shared(request, ami)?;
    }
    Ok(ami.clone())
}

/// What belongs to another account can be copied only if its storage is shared, too, and if nobody
/// is paid for it. A snapshot that is encrypted with the owner's default key cannot be shared.
/// Amazon's own AMIs can be copied by everybody; that this does not show in their snapshots'
/// permissions is a choice of ours.
fn check_shared(request: &Ec2Request<'_>, ami: &Ami) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(client_error("InvalidRequest", message));
    if !ami.product_codes.is_empty() {
        return refuse("Images from AWS Marketplace cannot be copied to another AWS account");
    }
    if !ami.billing_products.is_empty() {
        return refuse(
            "Images with EC2 BillingProduct codes cannot be copied to another AWS account",
        );
    }
    let account = &request.caller.account;
    let readable = request
        .ec2
        .snapshots_of(ami)
        .all(|snapshot| snapshot.is_readable_by(account));
    if readable || ami.owner_alias.as_deref() == Some("amazon") {
        return Ok(());
    }
    refuse("You do not have permission to access the storage of this ami")
}

/// The caller's own tags on the source, and those that its owner shares.
fn inherited(source: &Ami, account: &str) -> Vec<(Text, Text)> {
    let tags = source
        .tags
        .iter()
        .flat_map(|(tagger, tags)| tags.iter().map(move |tag| (tagger, tag)));
    let kept = tags.filter(|(tagger, (key, _))| *tagger == account || key.starts_with(SHARED_TAG));
    let kept = kept.filter(|(_, (key, _))| !key.starts_with("aws:"));
    kept.map(|(_, (key, value))| (key.clone(), value.clone()))
        .collect()
}

fn tag_snapshots(request: &mut Ec2Request<'_>, image: &str, tags: &[(Text, Text)]) {
    let snapshots = request
        .ec2
        .amis
        .get(image)
        .into_iter()
        .flat_map(Ami::snapshots);
    let snapshots: Vec<String> = snapshots.map(str::to_owned).collect();
    for id in snapshots {
        if let Some(snapshot) = request.ec2.snapshots.get_mut(id.as_str()) {
            let own = snapshot
                .tags
                .entry(request.caller.account.as_str().into())
                .or_default();
            own.extend(tags.iter().cloned());
        }
    }
}

/// CopySnapshot. `DestinationRegion` and `PresignedUrl`, which older clients send, are ignored.
pub(crate) fn copy_snapshot(request: &mut Ec2Request<'_>) -> Answer {
    let elsewhere = [
        "DestinationOutpostArn",
        "DestinationAvailabilityZone",
        "CompletionDurationMinutes",
    ];
    request.query.refuse_not_emulated(&elsewhere)?;
    let source = source_snapshot(request)?;
    refuse_decryption(&request.query, Some(&source).filter(|one| one.encrypted))?;
    let tags = tags::specified(&request.query, "snapshot", &["snapshot"])?;
    let tags: Tags = tags.into_iter().collect();
    let key = kms_key(&request.query)?;
    let (region, account) = (&request.caller.region, &request.caller.account);
    let encrypted = source.encrypted || key.is_some();
    let copy = Snapshot {
        encrypted,
        kms_key: encrypted.then(|| key_arn(key.as_deref(), region, account)),
        description: request.query.text("Description").unwrap_or_default().into(),
        tags: OwnedTags::from_iter([(account.as_str().into(), tags.clone())]),
        ..request
            .ec2
            .new_snapshot(region, account, source.size_gib, request.now)
    };
    let id = request.ec2.copy_snapshot(&source, copy);
    Ok([Xml::leaf("snapshotId", id)]
        .into_iter()
        .chain(ec2_answer::tag_set(Some(&tags)))
        .collect())
}

fn source_snapshot(request: &Ec2Request<'_>) -> Result<Snapshot, ApiError> {
    let (id, region) = (
        request.query.required("SourceSnapshotId")?,
        request.query.required("SourceRegion")?,
    );
    Query::check_id(id, "snap", "InvalidSnapshotID.Malformed")?;
    let snapshot = request
        .ec2
        .snapshots
        .get(id)
        .filter(|snapshot| snapshot.region == region);
    let readable = snapshot.filter(|snapshot| snapshot.is_readable_by(&request.caller.account));
    readable.cloned().ok_or_else(|| unknown_snapshot(id))
}
