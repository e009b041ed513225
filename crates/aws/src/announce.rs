//! Tells people and programs of an image, by the topic and by EventBridge.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use goldsmith_domain::announcement::{Announcement, SOURCE};

use crate::fault::{CallError, Fault, chain};
use crate::{Aws, notify, output};

/// Sends an announcement, the event first: programs act on it, and people only read.
///
/// Errors: what EventBridge or the topic answers. It may have been sent in part; whoever tries again sends it twice.
async fn announce(aws: &Aws, announcement: &Announcement) -> Result<(), CallError> {
    put_event(aws, announcement).await?;
    tell(aws, announcement).await
}

async fn tell(aws: &Aws, announcement: &Announcement) -> Result<(), CallError> {
    if !announcement.is_for_people {
        return Ok(());
    }
    let (subject, message) = (announcement.subject(), announcement.message());
    notify::publish(aws, &subject, &message, announcement.kind().as_str()).await
}

/// Sends the announcement of a publication. Once the event was taken, a topic that refuses the message is only
/// logged: tried again, the event would start what hangs on it in every run.
pub(crate) async fn announce_promoted(
    aws: &Aws,
    announcement: &Announcement,
) -> Result<(), CallError> {
    put_event(aws, announcement).await?;
    if let Err(error) = tell(aws, announcement).await {
        let error = chain(&error);
        tracing::warn!(error, image.arn = %announcement.image, "nobody was notified of the publication");
    }
    Ok(())
}

/// Sends an announcement unless the mark says that it was sent; whether it was sent now. The mark is an object with what
/// was said. If sending fails, it is removed, so that the next one tries again.
pub async fn announce_once(
    aws: &Aws,
    announcement: &Announcement,
    mark: &str,
) -> Result<bool, CallError> {
    if !output::put_once(aws, mark, announcement.packet()).await? {
        return Ok(false);
    }
    let sent = announce(aws, announcement).await;
    if sent.is_err() {
        output::remove(aws, mark).await?;
    }
    sent.map(|()| true)
}

/// Asks people to approve an image, once a day as long as it waits.
pub async fn ask_once_a_day(aws: &Aws, announcement: &Announcement) -> Result<bool, CallError> {
    let image = &announcement.image;
    let (version, build) = (image.version(), image.build());
    // The first ten characters of RFC 3339 are the day.
    let day: String = output::now().chars().take(10).collect();
    let recipe = &announcement.recipe;
    let mark = format!("reports/approvals/{recipe}/{version}-{build}-{day}.json");
    announce_once(aws, announcement, &mark).await
}

async fn put_event(aws: &Aws, announcement: &Announcement) -> Result<(), CallError> {
    const OPERATION: &str = "events:PutEvents";
    let entry = PutEventsRequestEntry::builder()
        .source(SOURCE)
        .detail_type(announcement.detail_type())
        .detail(announcement.detail().to_string())
        .resources(announcement.image.to_string())
        .build();
    let answer = aws.events.put_events().entries(entry).send().await;
    let answer = answer.map_err(|error| CallError::new(OPERATION, error))?;
    // Entries fail one by one in an answer that says it went well.
    match answer.entries().iter().find_map(|entry| entry.error_code()) {
        None => Ok(()),
        Some(code) => {
            let code = format!("the event was not taken: {code}");
            Err(CallError::rejected(OPERATION, Fault::Transient, code))
        }
    }
}
