# Notifies people of bad documents, failed builds and alarms.

# The topic reports that the image key is disabled, so that key cannot encrypt it; alarms cannot publish under
# alias/aws/sns, whose policy is Amazon's. Nothing is stored under this key but messages in transit, so that it
# may go with the stack.
resource "aws_kms_key" "topic" {
  count = local.makes_topic ? 1 : 0

  description         = "Messages of the topic ${local.stack}"
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountAdministers"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "AlarmsNotify"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
    ]
  })
}

resource "aws_sns_topic" "topic" {
  count = local.makes_topic ? 1 : 0

  name              = local.stack
  kms_master_key_id = aws_kms_key.topic[0].arn
}

resource "aws_sns_topic_policy" "topic" {
  count = local.makes_topic ? 1 : 0

  arn = aws_sns_topic.topic[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountUses"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action = [
          "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:SetTopicAttributes",
          "sns:Subscribe",
        ]
        Resource = aws_sns_topic.topic[0].arn
      },
      {
        Sid       = "AlarmsNotify"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.topic[0].arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
    ]
  })
}
