"""docs/recovery.md by Terraform: what is lost is made again around what is left, and images stay published.

It takes five minutes, so that it runs by night: `make torture` does. It needs what `make zips build` makes.
"""

import json

import boto3

import terraform_factory_test
from deployments import ACCOUNT

# Deleting takes the policies away first, which deny it to everybody.
BUCKETS = {kind: f"goldsmith-nonprod-{kind}-{ACCOUNT}-us-east-1" for kind in ("documents", "output")}
KEPT = ("aws_s3_bucket", "aws_kms_key.image", "aws_kms_key.signing")


class Recovery(terraform_factory_test.Factory):
    def test_both_buckets_are_lost_and_then_the_whole_stack(self):
        for bucket in BUCKETS.values():
            self.delete_bucket(bucket)
        self.terraform.apply(*self.given)
        self.goldsmith("apply", "ami-versions/nonprod", "--yes", "--no-wait")
        self.assert_recovered(*self.given)
        self.assertEqual(self.builds(), {"110302": "1.0.0/1", "110304": "1.0.0/1"})

        outputs = json.loads(self.terraform.run("output", "-json"))["goldsmith"]["value"]
        self.lose_the_stack()
        existing = {
            "document_bucket": BUCKETS["documents"], "output_bucket": BUCKETS["output"],
            "key_arn": outputs["KeyArn"], "signing_key_arn": outputs["SigningKeyArn"],
        }
        given = [*self.given, f"-var=existing={json.dumps(existing)}"]
        self.terraform.apply(*given)
        self.assert_recovered(*given)
        self.assertEqual(self.builds(), {"110302": "1.0.0/1", "110304": "1.0.0/1"})

    def assert_recovered(self, *given):
        """Reconcile finds everything, consumers have their images, and Terraform changes nothing."""
        self.goldsmith("reconcile")
        self.assertEqual(self.published(), terraform_factory_test.BOTH)
        self.assertEqual(self.terraform.planned(*given), {})

    def builds(self):
        """What is published of each recipe: nothing was built again."""
        recipes = json.loads(self.goldsmith("status", "--format", "json"))["recipes"]
        return {each["recipename"]: each["published"]["version"] for each in recipes}

    def delete_bucket(self, name):
        access = self.aws.environment
        s3 = boto3.resource(
            "s3", endpoint_url=access["AWS_ENDPOINT_URL"], region_name=access["AWS_REGION"],
            aws_access_key_id=access["AWS_ACCESS_KEY_ID"], aws_secret_access_key=access["AWS_SECRET_ACCESS_KEY"],
        )
        s3.BucketPolicy(name).delete()
        s3.Bucket(name).object_versions.delete()
        s3.Bucket(name).delete()

    def lose_the_stack(self):
        addresses = self.terraform.run("state", "list").split()
        self.terraform.run("state", "rm", *(each for each in addresses if any(kept in each for kept in KEPT)))
        self.terraform.run("destroy", "-auto-approve", "-refresh=false", "-parallelism=60", *self.given)


if __name__ == "__main__":
    terraform_factory_test.main()
