"""The question whether anything is to be done, as a plain boto3 handler asks it: it reads everything, plans nothing.

comparison.py runs it as Lambda would, against a runtime interface; it is no part of the product.
"""

import http.client
import json
import os

import boto3
from botocore.config import Config

LISTS = ["list_image_pipelines", "list_image_build_versions", "list_infrastructure_configurations",
         "list_distribution_configurations"]
NEXT = "/2018-06-01/runtime/invocation/next"


def clients():
    names = ["s3", "imagebuilder", "kms", "events"]
    return {name: boto3.client(name, config=Config(retries={"mode": "standard"})) for name in names}


def documents(s3):
    bucket = os.environ["DOCUMENT_BUCKET"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def handle(aws):
    found = {"documents": documents(aws["s3"])}
    for name in LISTS:
        pages = aws["imagebuilder"].get_paginator(name).paginate(maxResults=100)
        found[name] = [page for page in pages]
    found["key"] = aws["kms"].get_key_policy(KeyId=os.environ["KEY_ARN"], PolicyName="default")["Policy"]
    found["bucket"] = aws["s3"].get_bucket_policy(Bucket=os.environ["OUTPUT_BUCKET"])["Policy"]
    found["rule"] = aws["events"].describe_rule(Name=os.environ["BUILD_RULE"])
    return {"found": sorted(found)}


def serve():
    aws = clients()
    while True:
        runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        runtime.request("GET", NEXT)
        event = runtime.getresponse()
        event.read()
        body = json.dumps(handle(aws))
        runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        path = NEXT.replace("next", event.headers["Lambda-Runtime-Aws-Request-Id"])
        runtime.request("POST", f"{path}/response", body)
        runtime.getresponse().read()


if __name__ == "__main__":
    serve()
