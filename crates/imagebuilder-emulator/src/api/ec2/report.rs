//! Image usage reports: how often other accounts refer to an AMI.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::{
    api::ec2::{attribute::owned, references::scope, request::Ec2Request, tags, token},
    common::{date::Date, ec2_error::client_error, error::ApiError, tags::OwnedTags},
    engine::ec2::usage::{PARAMETER, Scope},
    records::ec2::report::{Entry, Kind, Report},
    wire::{
        ec2_answer::{self, Answer},
        ec2_filter::{self, Filterable, Filters},
        query::Query,
        xml::Xml,
    },
};

/// Pending reports of an account in a Region (same page); of an AMI there may be one.
const MOST_PENDING: usize = 2000;

/// Versions of a launch template that are looked at (same page).
const DEPTH: usize = 20;

impl Report {
    fn view(&self, now: Timestamp) -> Xml {
        let accounts = self
            .accounts
            .iter()
            .map(|account| Xml::leaf("item", account));
        let accounts = (!self.accounts.is_empty()).then(|| Xml::list("accountIdSet", accounts));
        Xml::new("item")
            .text("imageId", &self.image)
            .text("reportId", &self.id)
            .child(Xml::list(
                "resourceTypeSet",
                self.kinds.iter().map(Kind::view),
            ))
            .children(accounts)
            .text("state", self.state(now))
            .text("creationTime", Date(self.created))
            .text("expirationTime", Date(self.expires()))
            .children(ec2_answer::tag_set(self.tags.get(self.account.as_str())))
    }
}

impl Kind {
    fn of(item: &Query) -> Self {
        let option = |option: &Query| {
            (
                option.text("OptionName").unwrap_or_default().to_owned(),
                option.list("OptionValue"),
            )
        };
        let options = item
            .items("ResourceTypeOption")
            .iter()
            .map(option)
            .collect();
        Self {
            name: item.text("ResourceType").unwrap_or_default().to_owned(),
            options,
        }
    }

    fn view(&self) -> Xml {
        let options = self.options.iter().map(|(name, values)| {
            let values = values.iter().map(|value| Xml::leaf("item", value));
            Xml::new("item")
                .text("optionName", name)
                .child(Xml::list("optionValueSet", values))
        });
        let options =
            (!self.options.is_empty()).then(|| Xml::list("resourceTypeOptionSet", options));
        Xml::new("item")
            .text("resourceType", &self.name)
            .children(options)
    }
}

/// CreateImageUsageReport.
pub(crate) fn create_image_usage_report(request: &mut Ec2Request<'_>) -> Answer {
    if let Some(id) = token::recalled(request)? {
        return Ok(vec![Xml::leaf("reportId", id)]);
    }
    let image = owned(request)?;
    let items = request.query.items("ResourceType");
    if items.is_empty() {
        request.query.required("ResourceType")?;
    }
    let scopes = items
        .iter()
        .map(|item| reported(item))
        .collect::<Result<Vec<_>, _>>()?;
    let tags = tags::specified(
        &request.query,
        "image-usage-report",
        &["image-usage-report"],
    )?;
    check_pending(request, &image)?;
    let accounts = request.query.list("AccountId");
    let entries = entries(request, &image, &accounts, &scopes);
    let caller = request.caller;
    let report = Report {
        id: request.ec2.new_id("amiur").to_string(),
        image,
        account: caller.account.clone(),
        region: caller.region.clone(),
        created: request.now,
        tags: OwnedTags::from_iter([(caller.account.as_str().into(), tags.into_iter().collect())]),
        kinds: items.iter().map(Kind::of).collect(),
        accounts,
        entries,
    };
    let id = report.id.clone();
    request.ec2.reports.insert(id.clone(), report);
    token::remember(request, &id);
    Ok(vec![Xml::leaf("reportId", id)])
}

fn reported(item: &Query) -> Result<Scope<'static>, ApiError> {
    let scope = scope(item, DEPTH)?;
    if scope.kind == PARAMETER || !scope.states.is_empty() {
        let message = format!(
            "Value ({}) for parameter ResourceType is invalid.",
            scope.kind
        );
        return Err(client_error("InvalidParameterValue", message));
    }
    Ok(scope)
}

/// The code is a client error code of EC2's; which one it is here is not documented.
fn check_pending(request: &Ec2Request<'_>, image: &str) -> Result<(), ApiError> {
    let pending: Vec<_> = own(request)
        .filter(|report| report.is_pending(request.now))
        .collect();
    if pending.len() < MOST_PENDING && pending.iter().all(|report| report.image != image) {
        return Ok(());
    }
    let message = format!("A usage report of the image {image} is still being created.");
    Err(client_error("ResourceCountExceeded", message))
}

/// The entries of other accounts: of those that were named, or of all but the owner.
fn entries(
    request: &Ec2Request<'_>,
    image: &str,
    accounts: &[String],
    scopes: &[Scope<'static>],
) -> Vec<Entry> {
    let owner = &request.caller.account;
    let users = request.ec2.users(request.referrers).into_iter();
    let wanted = |user: &String| {
        if accounts.is_empty() {
            user != owner
        } else {
            accounts.contains(user)
        }
    };
    let mut entries = Vec::new();
    for account in users.filter(wanted) {
        for scope in scopes {
            let count = count(request, image, &account, scope);
            let entry = Entry {
                account: account.clone(),
                kind: scope.kind.to_owned(),
                count,
            };
            entries.extend((count > 0).then_some(entry));
        }
    }
    entries
}

fn count(request: &Ec2Request<'_>, image: &str, account: &str, scope: &Scope<'_>) -> u64 {
    let (ec2, region) = (&request.ec2, request.caller.region.as_str());
    let known = ec2.references(
        request.referrers,
        image,
        (region, account),
        scope,
        request.now,
    );
    let counts = ec2.usage.counts.iter();
    let seeded = counts.filter(|seeded| {
        seeded.image == image && seeded.account == account && seeded.kind == scope.kind
    });
    known.len() as u64 + seeded.map(|seeded| seeded.number).sum::<u64>()
}

/// The caller's reports in the Region that have not expired.
fn own<'r>(request: &'r Ec2Request<'_>) -> impl Iterator<Item = &'r Report> {
    let (caller, now) = (request.caller, request.now);
    request.ec2.reports.values().filter(move |report| {
        report.account == caller.account && report.region == caller.region && now < report.expires()
    })
}

/// The caller's reports that `ReportId.n` and `ImageId.n` ask for.
fn asked<'r>(request: &'r Ec2Request<'_>) -> Result<Vec<&'r Report>, ApiError> {
    let (ids, images) = (
        request.query.list("ReportId"),
        request.query.list("ImageId"),
    );
    if let Some(unknown) = ids
        .iter()
        .find(|id| own(request).all(|report| report.id != **id))
    {
        return Err(unknown_report(unknown));
    }
    let asked = own(request).filter(|report| {
        (ids.is_empty() || ids.contains(&report.id))
            && (images.is_empty() || images.contains(&report.image))
    });
    Ok(asked.collect())
}

/// Neither code nor text is documented.
fn unknown_report(id: &str) -> ApiError {
    client_error(
        "InvalidImageUsageReportId.NotFound",
        format!("The image usage report '{id}' does not exist"),
    )
}

/// A report at a time.
struct Reported<'a>(&'a Report, Timestamp);

impl Filterable for Reported<'_> {
    const NAMES: &'static [&'static str] = &["creation-time", "state"];
    const TAGGED: bool = true;

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        match name {
            "creation-time" => vec![Cow::from(Date(self.0.created).to_string())],
            _ => vec![Cow::from(self.0.state(self.1))],
        }
    }

    fn tags(&self, account: &str) -> Vec<(&str, &str)> {
        ec2_filter::pairs(self.0.tags.get(account))
    }
}

/// DescribeImageUsageReports.
pub(crate) fn describe_image_usage_reports(request: &mut Ec2Request<'_>) -> Answer {
    let filters = Filters::of::<Reported<'_>>(&request.query)?;
    let (now, account) = (request.now, &request.caller.account);
    let found = asked(request)?
        .into_iter()
        .filter(|report| filters.admit(&Reported(report, now), account));
    let items = found.map(|report| report.view(now)).collect();
    ec2_answer::limited_page(&request.query, "imageUsageReportSet", items, 1)
}

/// An entry of a report.
struct Reporting<'a>(&'a Report, &'a Entry);

impl Filterable for Reporting<'_> {
    const NAMES: &'static [&'static str] = &["account-id", "creation-time", "resource-type"];

    fn field(&self, name: &str, _account: &str) -> Vec<Cow<'_, str>> {
        match name {
            "account-id" => vec![Cow::from(&self.1.account)],
            "resource-type" => vec![Cow::from(&self.1.kind)],
            _ => vec![Cow::from(Date(self.0.created).to_string())],
        }
    }
}

impl Reporting<'_> {
    fn view(&self) -> Xml {
        let Self(report, entry) = self;
        Xml::new("item")
            .text("resourceType", &entry.kind)
            .text("reportId", &report.id)
            .text("usageCount", entry.count)
            .text("accountId", &entry.account)
            .text("imageId", &report.image)
            .text("reportCreationTime", Date(report.created))
    }
}

/// DescribeImageUsageReportEntries, of reports that are available.
pub(crate) fn describe_image_usage_report_entries(request: &mut Ec2Request<'_>) -> Answer {
    let filters = Filters::of::<Reporting<'_>>(&request.query)?;
    let reports = asked(request)?
        .into_iter()
        .filter(|report| !report.is_pending(request.now));
    let entries = reports.flat_map(|report| {
        report
            .entries
            .iter()
            .map(move |entry| Reporting(report, entry))
    });
    let found = entries.filter(|entry| filters.admit(entry, &request.caller.account));
    let items = found.map(|entry| entry.view()).collect();
    ec2_answer::limited_page(&request.query, "imageUsageReportEntrySet", items, 1)
}

/// DeleteImageUsageReport.
pub(crate) fn delete_image_usage_report(request: &mut Ec2Request<'_>) -> Answer {
    let id = request.query.required("ReportId")?.to_owned();
    if own(request).all(|report| report.id != id) {
        return Err(unknown_report(&id));
    }
    request.ec2.reports.remove(&id);
    Ok(ec2_answer::done())
}
