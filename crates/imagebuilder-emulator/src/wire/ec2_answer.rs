//! EC2's answers: documents, pages, and parts that several answers share.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{
    common::{ec2_error::client_error, error::ApiError, tags::Tags},
    wire::{query::Query, xml::Xml},
};

/// The namespace of the API version that clients speak.
const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// The elements inside `<ActionResponse>`, after the request id.
pub(crate) type Answer = Result<Vec<Xml>, ApiError>;

/// A whole document.
pub(crate) fn document(action: &str, parts: &[Xml]) -> String {
    let parts: String = parts.iter().map(Xml::to_string).collect();
    let id = Uuid::new_v4();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{action}Response xmlns=\"{NAMESPACE}\">\
         <requestId>{id}</requestId>{parts}</{action}Response>"
    )
}

/// An error as a document.
pub(crate) fn error_document(error: &ApiError) -> String {
    let error = Xml::new("Error")
        .text("Code", &error.code)
        .text("Message", &error.message);
    let errors = Xml::new("Errors").child(error);
    let response = Xml::new("Response")
        .child(errors)
        .text("RequestID", Uuid::new_v4());
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{response}")
}

/// `<return>true</return>`
pub(crate) fn done() -> Vec<Xml> {
    vec![Xml::leaf("return", true)]
}

/// The tag set of a resource; as on AWS there is none without tags.
pub(crate) fn tag_set(tags: Option<&Tags>) -> Option<Xml> {
    let tags = tags.filter(|tags| !tags.is_empty())?;
    let item = |(key, value)| Xml::new("item").text("key", key).text("value", value);
    Some(Xml::list("tagSet", tags.iter().map(item)))
}

/// A page as `MaxResults` and `NextToken` ask for; everything without `MaxResults`.
pub(crate) fn page(query: &Query, set: &'static str, items: Vec<Xml>) -> Answer {
    limited_page(query, set, items, 1)
}

/// A page of an action that asks for at least that many.
pub(crate) fn limited_page(
    query: &Query,
    set: &'static str,
    items: Vec<Xml>,
    least: u32,
) -> Answer {
    let start = query
        .text("NextToken")
        .map(opened)
        .transpose()?
        .unwrap_or_default();
    let size = query.number("MaxResults")?;
    if let Some(size) = size.filter(|size| *size < least) {
        let message = format!(
            "Value ( {size} ) for parameter maxResults is invalid. Expecting a value of {least} or more."
        );
        return Err(client_error("InvalidParameterValue", message));
    }
    let size = size.map_or(usize::MAX, |size| size as usize);
    let end = start.saturating_add(size);
    let token = (end < items.len()).then(|| URL_SAFE_NO_PAD.encode(end.to_string()));
    let shown = Xml::list(set, items.into_iter().skip(start).take(size));
    let token = token.map(|token| Xml::leaf("nextToken", token));
    Ok([shown].into_iter().chain(token).collect())
}

fn opened(token: &str) -> Result<usize, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| client_error("InvalidNextToken", "The token is invalid."))
}
