# Each queue is where messages end: a person reads them. An alarm tells of each (alarms.tf).

locals {
  fourteen_days = 1209600
}

# Events that a function failed on, three times each.
resource "aws_sqs_queue" "failures" {
  # checkov:skip=CKV_AWS_27:it is encrypted with a key of SQS, which no hand can disable
  name                      = "${local.stack}-failures"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = local.fourteen_days
}

# Events that a rule could not hand to its target.
resource "aws_sqs_queue" "undelivered" {
  # checkov:skip=CKV_AWS_27:it is encrypted with a key of SQS, which no hand can disable
  name                      = "${local.stack}-undelivered"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = local.fourteen_days
}

# What somebody did to a key of the stack.
resource "aws_sqs_queue" "key_changes" {
  # checkov:skip=CKV_AWS_27:it is encrypted with a key of SQS, which no hand can disable
  name                      = "${local.stack}-key-changes"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = local.fourteen_days
}

resource "aws_sqs_queue_policy" "undelivered" {
  queue_url = aws_sqs_queue.undelivered.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.undelivered.arn
      Condition = {
        ArnEquals = {
          "aws:SourceArn" = [
            aws_cloudwatch_event_rule.hourly.arn,
            aws_cloudwatch_event_rule.build.arn,
            aws_cloudwatch_event_rule.image_events.arn,
            aws_cloudwatch_event_rule.key_changes.arn,
          ]
        }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
}

resource "aws_sqs_queue_policy" "key_changes" {
  queue_url = aws_sqs_queue.key_changes.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.key_changes.arn
      Condition = {
        ArnEquals    = { "aws:SourceArn" = [aws_cloudwatch_event_rule.key_changes.arn] }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
}
