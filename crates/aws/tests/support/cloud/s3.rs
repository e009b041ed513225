//! S3: versioned objects, delete markers and conditional writes.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use percent_encoding::percent_decode_str;

use super::{refusal, response};

/// The most keys of a page.
pub const PAGE: usize = 1000;
/// What a large object is delivered in.
const CHUNK: u64 = 64 * 1024;
const METADATA: &str = "x-amz-meta-";

/// The content and the user metadata of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub content: String,
    pub metadata: BTreeMap<String, String>,
}

/// Buckets, all of them versioned; they come into being when they are written to.
#[derive(Default)]
pub(super) struct Storage {
    /// By bucket and key, oldest first.
    objects: BTreeMap<(String, String), Vec<Version>>,
    /// By bucket.
    policies: BTreeMap<String, String>,
    /// Accounts that do not exist for S3.
    unknown_accounts: BTreeSet<String>,
    /// Every policy that somebody tried to write, accepted or not.
    tried_policies: Vec<String>,
    /// Keys that nobody may read.
    denied: BTreeSet<String>,
    minted: u64,
    read: Arc<AtomicU64>,
}

struct Version {
    id: String,
    /// None is a delete marker.
    content: Option<Content>,
    metadata: BTreeMap<String, String>,
    written: Timestamp,
}

enum Content {
    Small(Bytes),
    Large(u64),
}

impl Version {
    fn length(&self) -> u64 {
        match &self.content {
            Some(Content::Small(bytes)) => bytes.len() as u64,
            Some(Content::Large(bytes)) => *bytes,
            None => 0,
        }
    }

    /// As in life the MD5 of the content; of a large object, which is put in parts, something else.
    fn etag(&self) -> String {
        let digest = match &self.content {
            Some(Content::Small(bytes)) => Md5::digest(bytes),
            Some(Content::Large(bytes)) => Md5::digest(bytes.to_be_bytes()),
            None => Md5::digest([]),
        };
        let hex = digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        format!("\"{hex}\"")
    }
}

impl Storage {
    pub fn put(&mut self, bucket: &str, key: &str, content: Bytes) -> String {
        self.add(bucket, key, Some(Content::Small(content)), BTreeMap::new())
    }

    pub fn put_with(&mut self, bucket: &str, key: &str, object: Published) {
        let content = Content::Small(object.content.into());
        self.add(bucket, key, Some(content), object.metadata);
    }

    /// Nobody may read the objects of this key.
    pub fn deny(&mut self, key: &str) {
        self.denied.insert(key.to_owned());
    }

    /// What stands at this key was written so long ago.
    pub fn age(&mut self, bucket: &str, key: &str, age: Duration) {
        let versions = self.objects.get_mut(&(bucket.to_owned(), key.to_owned()));
        let newest = versions.and_then(|versions| versions.last_mut());
        newest.expect("an object").written = Timestamp::now() - age;
    }

    pub fn put_large(&mut self, bucket: &str, key: &str, bytes: u64) {
        self.add(bucket, key, Some(Content::Large(bytes)), BTreeMap::new());
    }

    pub fn delete(&mut self, bucket: &str, key: &str) {
        self.add(bucket, key, None, BTreeMap::new());
    }

    pub fn policy(&self, bucket: &str) -> Option<String> {
        self.policies.get(bucket).cloned()
    }

    pub fn set_policy(&mut self, bucket: &str, policy: &str) {
        self.policies.insert(bucket.to_owned(), policy.to_owned());
    }

    /// An account that does not exist; bucket policies may not name it.
    pub fn forget_account(&mut self, account: &str) {
        self.unknown_accounts.insert(account.to_owned());
    }

    pub fn tried_policies(&self) -> Vec<String> {
        self.tried_policies.clone()
    }

    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// What stands in a bucket.
    pub fn current(&self, bucket: &str) -> BTreeMap<String, Published> {
        let of_bucket = self.objects.iter().filter(|((of, _), _)| of == bucket);
        let published = |version: &Version| match version.content.as_ref()? {
            Content::Small(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Content::Large(_) => None,
        };
        let objects = of_bucket.filter_map(|((_, key), versions)| {
            let version = versions.last()?;
            let metadata = version.metadata.clone();
            Some((
                key.clone(),
                Published {
                    content: published(version)?,
                    metadata,
                },
            ))
        });
        objects.collect()
    }

    fn add(
        &mut self,
        bucket: &str,
        key: &str,
        content: Option<Content>,
        metadata: BTreeMap<String, String>,
    ) -> String {
        self.minted += 1;
        let id = format!("v{}", self.minted);
        let version = Version {
            id: id.clone(),
            content,
            metadata,
            written: Timestamp::now(),
        };
        self.objects
            .entry((bucket.to_owned(), key.to_owned()))
            .or_default()
            .push(version);
        id
    }

    pub fn answer(&mut self, operation: &str, request: &Request<Bytes>) -> Response<SdkBody> {
        let path = percent_decode_str(request.uri().path())
            .decode_utf8_lossy()
            .into_owned();
        let (bucket, key) = path
            .trim_start_matches('/')
            .split_once('/')
            .unwrap_or((&path, ""));
        match operation {
            "ListObjectVersions" => self.list(bucket.trim_matches('/'), request),
            "ListObjectsV2" => self.list_current(bucket.trim_matches('/'), request),
            "GetObject" => self.get(bucket, key, query(request, "versionId").as_deref()),
            "HeadObject" => self.get(bucket, key, None).map(|_| SdkBody::empty()),
            "GetBucketPolicy" => match self.policy(bucket.trim_matches('/')) {
                Some(policy) => response(200, policy),
                None => refusal("s3", 404, "NoSuchBucketPolicy"),
            },
            "PutBucketPolicy" => self.put_policy(bucket.trim_matches('/'), request),
            "PutObject" => self.put_if(bucket, key, request),
            _ => {
                self.delete(bucket, key);
                response(204, SdkBody::empty())
            }
        }
    }

    fn put_policy(&mut self, bucket: &str, request: &Request<Bytes>) -> Response<SdkBody> {
        let policy = String::from_utf8_lossy(request.body()).into_owned();
        self.tried_policies.push(policy.clone());
        let names = |account: &String| policy.contains(&format!("::{account}:root"));
        if self.unknown_accounts.iter().any(names) {
            return refusal("s3", 400, "MalformedPolicy");
        }
        self.set_policy(bucket, &policy);
        response(204, SdkBody::empty())
    }

    fn versions(&self, bucket: &str, key: &str) -> &[Version] {
        self.objects
            .get(&(bucket.to_owned(), key.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    fn get(&self, bucket: &str, key: &str, id: Option<&str>) -> Response<SdkBody> {
        if self.denied.contains(key) {
            return refusal("s3", 403, "AccessDenied");
        }
        let versions = self.versions(bucket, key);
        let version = match id {
            Some(id) => versions.iter().find(|version| version.id == id),
            None => versions.last(),
        };
        match (version, id) {
            (Some(version), _) if version.content.is_some() => self.shown(version),
            (Some(_), Some(_)) => refusal("s3", 405, "MethodNotAllowed"),
            (None, Some(_)) => refusal("s3", 404, "NoSuchVersion"),
            (_, None) => refusal("s3", 404, "NoSuchKey"),
        }
    }

    fn shown(&self, version: &Version) -> Response<SdkBody> {
        let body = match &version.content {
            Some(Content::Small(bytes)) => SdkBody::from(bytes.clone()),
            Some(Content::Large(left)) => SdkBody::from_body_1_x(Zeroes {
                left: *left,
                read: Arc::clone(&self.read),
            }),
            None => SdkBody::empty(),
        };
        let mut shown = response(200, body);
        let named = version
            .metadata
            .iter()
            .map(|(name, value)| (format!("{METADATA}{name}"), value.clone()));
        let fixed = [
            ("etag".to_owned(), version.etag()),
            ("x-amz-version-id".to_owned(), version.id.clone()),
            ("content-length".to_owned(), version.length().to_string()),
        ];
        for (name, value) in named.chain(fixed) {
            let name: http::HeaderName = name.parse().expect("a header's name");
            shown
                .headers_mut()
                .insert(name, value.parse().expect("a header"));
        }
        shown
    }

    /// One step under the lock: nobody writes between the condition and the write.
    fn put_if(&mut self, bucket: &str, key: &str, request: &Request<Bytes>) -> Response<SdkBody> {
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let standing = self
            .versions(bucket, key)
            .last()
            .filter(|version| version.content.is_some());
        let standing = standing.map(Version::etag);
        match (header("if-match"), header("if-none-match"), &standing) {
            (Some(_), _, None) => return refusal("s3", 404, "NoSuchKey"),
            (Some(wanted), _, Some(etag)) if wanted != etag => {
                return refusal("s3", 412, "PreconditionFailed");
            }
            (_, Some("*"), Some(_)) => return refusal("s3", 412, "PreconditionFailed"),
            _ => {}
        }
        let metadata = request.headers().iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix(METADATA)?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        let content = Content::Small(request.body().clone());
        self.add(bucket, key, Some(content), metadata.collect());
        let etag = self
            .versions(bucket, key)
            .last()
            .map(Version::etag)
            .unwrap_or_default();
        let mut response = response(200, SdkBody::empty());
        response
            .headers_mut()
            .insert("etag", etag.parse().expect("a header"));
        response
    }

    /// The first page of what stands in a bucket; what was deleted does not.
    fn list_current(&self, bucket: &str, request: &Request<Bytes>) -> Response<SdkBody> {
        let prefix = query(request, "prefix").unwrap_or_default();
        let stands = |versions: &[Version]| {
            versions
                .last()
                .is_some_and(|version| version.content.is_some())
        };
        let of_bucket = self
            .objects
            .iter()
            .filter(|((of, _), versions)| of == bucket && stands(versions));
        let newest = |versions: &'_ [Version]| versions.last().map(|one| (one.etag(), one.written));
        let all: Vec<_> = of_bucket
            .filter(|((_, key), _)| key.starts_with(&prefix))
            .filter_map(|((_, key), versions)| Some((key, newest(versions)?)))
            .collect();
        let mut xml = format!("<IsTruncated>{}</IsTruncated>", all.len() > PAGE);
        for (key, (etag, written)) in all.iter().take(PAGE) {
            let _ = write!(
                xml,
                "<Contents><Key>{key}</Key><ETag>{etag}</ETag><LastModified>{written:.3}</LastModified></Contents>"
            );
        }
        response(200, format!("<ListBucketResult>{xml}</ListBucketResult>"))
    }

    /// Newest first, as in life; delete markers are elements of their own.
    fn list(&self, bucket: &str, request: &Request<Bytes>) -> Response<SdkBody> {
        let prefix = query(request, "prefix").unwrap_or_default();
        let mut xml = String::new();
        for ((of, key), versions) in &self.objects {
            if of != bucket || !key.starts_with(&prefix) {
                continue;
            }
            for version in versions.iter().rev() {
                let element = if version.content.is_some() {
                    "Version"
                } else {
                    "DeleteMarker"
                };
                let id = &version.id;
                let _ = write!(
                    xml,
                    "<{element}><Key>{key}</Key><VersionId>{id}</VersionId></{element}>"
                );
            }
        }
        response(
            200,
            format!("<ListVersionsResult>{xml}</ListVersionsResult>"),
        )
    }
}

fn query(request: &Request<Bytes>, name: &str) -> Option<String> {
    let mut pairs = request
        .uri()
        .query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// The body of a large object, which counts what is taken from it.
struct Zeroes {
    left: u64,
    read: Arc<AtomicU64>,
}

impl Body for Zeroes {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.min(CHUNK);
        if length == 0 {
            return Poll::Ready(None);
        }
        self.left -= length;
        self.read.fetch_add(length, Ordering::Relaxed);
        let chunk = vec![b'0'; usize::try_from(length).unwrap_or_default()];
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(chunk)))))
    }
}
