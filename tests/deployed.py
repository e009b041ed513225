"""A resolved template with the ARNs that AWS would give to what it makes."""

from resolved import Resolved

ACCOUNT = "111122223333"
ARNS = {
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{name}",
    "AWS::IAM::InstanceProfile": "arn:{partition}:iam::{account}:instance-profile/{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:us-east-1:{account}:key/{name}",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{named}",
    "AWS::SNS::Topic": "arn:{partition}:sns:us-east-1:{account}:{named}",
    "AWS::Events::Rule": "arn:{partition}:events:us-east-1:{account}:rule/{named}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:us-east-1:{account}:log-group:{named}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:us-east-1:{account}:{named}",
}
NAMED = ("BucketName", "TopicName", "QueueName", "LogGroupName", "Name")


def role(name, account=ACCOUNT):
    """The ARN of a role."""
    return f"arn:aws:iam::{account}:role/{name}"


class Deployed(Resolved):
    """A template whose roles, keys, buckets, topics and queues have ARNs as AWS gives them."""

    def attribute(self, argument):
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.arn(name) if attribute == "Arn" else super().attribute(argument)

    def reference(self, name):
        resource = self.template["Resources"].get(name, {})
        if resource.get("Type") == "AWS::S3::Bucket":
            return self.value(resource["Properties"]["BucketName"])
        return self.arn(name) if resource.get("Type") == "AWS::SNS::Topic" else super().reference(name)

    def arn(self, name):
        resource = self.template["Resources"][name]
        pattern = ARNS.get(resource["Type"])
        if not pattern:
            return super().attribute(f"{name}.Arn")
        named = next((self.value(resource["Properties"][each]) for each in NAMED if each in resource["Properties"]), "")
        partition, account = self.names["AWS::Partition"], self.names["AWS::AccountId"]
        return pattern.format(partition=partition, account=account, name=name, named=named)
