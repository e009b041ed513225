//! `goldsmith history`: what the last runs did, and who uploaded what.

mod event;

use goldsmith_aws::fault::chain;
use goldsmith_aws::operator::{Function, StoredRun, Uploads, newest_runs, uploads};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use self::event::{Event, fold};
use crate::arguments::{History, HistoryFormat};
use crate::exit::Exit;
use crate::json;
use crate::operate::OperateError;
use crate::printer::Printer;
use crate::render::when::when;
use crate::render::wrap::{short, wrapped};
use crate::stack;

/// Prints the newest events, oldest first.
pub async fn run(arguments: &History, printer: Printer) -> Result<Exit, OperateError> {
    let operator = stack::operator(&arguments.stack).await?;
    let reading = async {
        let aws = operator.look().await?;
        let days = SignedDuration::from_hours(24 * i64::from(arguments.days));
        let since = Timestamp::now() - days;
        let most = arguments.limit;
        let read = |function| newest_runs(&aws, function, since, most);
        let (reconcile, scheduled, images) = tokio::try_join!(
            read(Function::Reconcile),
            read(Function::ScheduledBuild),
            read(Function::ImageEvents)
        )?;
        let uploads = uploads(&aws, most).await;
        let runs: Vec<StoredRun> = [reconcile, scheduled, images].concat();
        Ok::<_, OperateError>((runs, uploads, since))
    };
    let (runs, uploads, since) =
        Box::pin(printer.with_progress("reading the reports", reading)).await?;
    let uploads = uploads.unwrap_or_else(|error| {
        printer.warn(&format!("the uploads are not shown: {}", chain(&error)));
        Uploads::default()
    });
    if uploads.is_cut {
        printer.warn("the documents have too many versions to read all: uploads may be missing");
    }
    let events = runs.iter().filter_map(Event::of_run);
    let events = events.chain(uploads.newest.iter().map(Event::of_upload));
    let since = format!("{since:.3}");
    let events = fold(events.filter(|event| event.time >= since).collect());
    let newest = events.len().saturating_sub(arguments.limit);
    let events = &events[newest..];
    printer.stdout(&match arguments.format {
        HistoryFormat::Text => text(events, &TimeZone::system(), printer.width()),
        HistoryFormat::Json => json::pretty(&events)?,
    });
    Ok(Exit::Done)
}

fn text(events: &[Event], zone: &TimeZone, width: usize) -> String {
    if events.is_empty() {
        return "Nothing has happened in this time.\n".to_owned();
    }
    let mut lines = Vec::new();
    for event in events {
        let time = event.time.parse().map(|time| when(time, zone));
        let time = time.unwrap_or_else(|_| event.time.clone());
        lines.push(format!("{time}  {}", event.source));
        for what in &event.what {
            lines.extend(wrapped(&short(what), width, "  "));
        }
    }
    lines.join("\n") + "\n"
}
