# Named as the outputs of infra/template.yaml.

output "DocumentBucket" {
  description = "Upload the documents of this environment here"
  value       = local.document_bucket
}

output "OutputBucket" {
  description = "image.json and the reports"
  value       = local.output_bucket
}

output "KeyArn" {
  description = "Encrypts the volumes; consumers name it in the policy of the role that launches"
  value       = local.key_arn
}

output "SigningKeyArn" {
  description = "Signs what is published; `aws kms get-public-key` shows what verifies it"
  value       = local.signing_key_arn
}

output "TopicArn" {
  description = "Subscribe to hear of bad documents and failed builds"
  value       = local.topic_arn
}

output "FailuresUrl" {
  description = "Events that a function failed on"
  value       = aws_sqs_queue.failures.url
}

output "Reconcile" {
  description = "Function; invoke it with {} or {\"dry-run\": true}"
  value       = aws_lambda_function.function["reconcile"].function_name
}

output "ScheduledBuild" {
  description = "Function; invoke it with {} or {\"recipenames\": \"110304\"}"
  value       = aws_lambda_function.function["scheduled-build"].function_name
}

output "ImageEvents" {
  description = "Function; Image Builder's events arrive here"
  value       = aws_lambda_function.function["image-events"].function_name
}

output "ExecutionRole" {
  description = "Image Builder copies images for consumers with it"
  value       = aws_iam_role.distribution.arn
}

output "BuildRule" {
  description = "The rule whose schedule the document sets"
  value       = aws_cloudwatch_event_rule.build.name
}

output "InstanceProfile" {
  description = "The build instances run with it"
  value       = local.instance_profile
}
