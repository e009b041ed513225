//! S3: the documents, the artifacts and what the functions publish.

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;

use super::{Answer, Aws, Call, CallError, RESERVED_IN_PATH, encoded};

#[derive(Deserialize)]
struct ListBucketResult {
    #[serde(rename = "Contents", default)]
    contents: Vec<Contents>,
    #[serde(rename = "NextContinuationToken")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Contents {
    #[serde(rename = "Key")]
    key: String,
}

impl Aws {
    pub(crate) async fn create_bucket(&self, bucket: &str) -> Result<(), CallError> {
        self.s3(
            "CreateBucket",
            Method::PUT,
            &format!("/{bucket}"),
            Vec::new(),
        )
        .await
        .map(drop)
    }

    /// Replaces the policy of a bucket.
    pub async fn put_bucket_policy(&self, bucket: &str, policy: &str) -> Result<(), CallError> {
        let target = format!("/{bucket}?policy");
        let body = policy.as_bytes().to_vec();
        self.s3("PutBucketPolicy", Method::PUT, &target, body)
            .await
            .map(drop)
    }

    /// The policy of a bucket.
    pub async fn bucket_policy(&self, bucket: &str) -> Result<String, CallError> {
        let target = format!("/{bucket}?policy");
        let answer = self
            .s3("GetBucketPolicy", Method::GET, &target, Vec::new())
            .await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Lets `bucket` announce no event any more.
    pub async fn remove_notifications(&self, bucket: &str) -> Result<(), CallError> {
        let target = format!("/{bucket}?notification");
        let none = b"<NotificationConfiguration/>".to_vec();
        self.s3(
            "PutBucketNotificationConfiguration",
            Method::PUT,
            &target,
            none,
        )
        .await
        .map(drop)
    }

    /// Puts an object and returns its version id; none in a bucket without versions.
    pub async fn put_object(
        &self,
        bucket: &str,
        key: &str,
        body: Vec<u8>,
    ) -> Result<Option<String>, CallError> {
        let answer = self
            .s3("PutObject", Method::PUT, &object(bucket, key), body)
            .await?;
        Ok(answer
            .headers
            .get("x-amz-version-id")
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned))
    }

    /// The newest version of an object.
    pub async fn get_object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, CallError> {
        Ok(self
            .s3("GetObject", Method::GET, &object(bucket, key), Vec::new())
            .await?
            .body)
    }

    /// Deletes an object; where there are versions, this leaves a delete marker.
    pub async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), CallError> {
        self.s3(
            "DeleteObject",
            Method::DELETE,
            &object(bucket, key),
            Vec::new(),
        )
        .await
        .map(drop)
    }

    /// Deletes one version of an object for good.
    pub async fn delete_version(
        &self,
        bucket: &str,
        key: &str,
        version: &str,
    ) -> Result<(), CallError> {
        let target = format!("{}?versionId={}", object(bucket, key), encoded(version));
        self.s3("DeleteObjectVersion", Method::DELETE, &target, Vec::new())
            .await
            .map(drop)
    }

    /// Every key that starts with `prefix`, in order.
    pub async fn list_keys(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, CallError> {
        let mut keys = Vec::new();
        let mut token = None;
        loop {
            let page = self.list_page(bucket, prefix, token.as_deref()).await?;
            keys.extend(page.contents.into_iter().map(|object| object.key));
            token = page.next;
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    async fn list_page(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
    ) -> Result<ListBucketResult, CallError> {
        let continued = token.map(|token| format!("&continuation-token={}", encoded(token)));
        let continued = continued.unwrap_or_default();
        let target = format!(
            "/{bucket}?list-type=2&prefix={}{continued}",
            encoded(prefix)
        );
        self.s3("ListObjectsV2", Method::GET, &target, Vec::new())
            .await?
            .xml()
    }

    async fn s3(
        &self,
        operation: &'static str,
        method: Method,
        target: &str,
        body: Vec<u8>,
    ) -> Result<Answer, CallError> {
        let target = target.to_owned();
        self.send(Call {
            service: "s3",
            operation,
            method,
            target,
            headers: Vec::new(),
            body,
        })
        .await
    }
}

fn object(bucket: &str, key: &str) -> String {
    format!("/{bucket}/{}", utf8_percent_encode(key, RESERVED_IN_PATH))
}
