# What roles share.

resource "aws_iam_policy" "report_failures" {
  name        = local.named["ReportFailures"]
  description = "Lets Lambda put the events that a function failed on into the queue"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.failures.arn }]
  })
}

resource "aws_iam_policy" "notify" {
  name        = local.named["Notify"]
  description = "Publishes to the encrypted topic"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Action = "sns:Publish", Resource = local.topic_arn }],
      # A call may carry several events.
      [{
        Effect    = "Allow"
        Action    = "events:PutEvents"
        Resource  = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/default"
        Condition = { "ForAllValues:StringEquals" = { "events:source" = "goldsmith" } }
      }],
      [for key in [local.topic_key_arn] : {
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = key
        Condition = { StringEquals = { "kms:ViaService" = "sns.${local.region}.amazonaws.com" } }
      } if local.makes_topic || var.existing_topic_key_arn != null],
    )
  })
}

resource "aws_iam_policy" "read_documents" {
  name        = local.named["ReadDocuments"]
  description = "Reads every version of the documents"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:ListBucket", "s3:ListBucketVersions"], Resource = local.documents_arn },
      { Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = "${local.documents_arn}/*" },
    ]
  })
}

locals {
  # What documents name, what is published, and Amazon's public parameters, which have no account.
  readable_parameters = [
    "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${var.parameter_prefix}*",
    "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter/goldsmith/${var.environment}/*",
    "arn:${local.partition}:ssm:${local.region}::parameter/aws/service/*",
  ]
}

# A parameter may hold a secret, and a plan shows what it read.
resource "aws_iam_policy" "read_parameters" {
  name        = local.named["ReadParameters"]
  description = "Reads parameters below the prefix and Amazon's public ones, and no secret"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["ssm:GetParameter", "ssm:GetParameters"], Resource = local.readable_parameters },
      # Above all /aws/reference/secretsmanager/*, which reads secrets.
      { Effect = "Deny", Action = "ssm:GetParameter*", NotResource = local.readable_parameters },
      # The policy of the account's default key lets everybody decrypt a SecureString who may read it.
      {
        Effect    = "Deny"
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringLike = { "kms:ViaService" = ["ssm.*", "secretsmanager.*"] } }
      },
      { Effect = "Deny", Action = "secretsmanager:*", Resource = "*" },
    ]
  })
}

# What reconcile compares with this module once an hour: whatever a hand can damage without a trace.
resource "aws_iam_policy" "look_for_damage" {
  name        = local.named["LookForDamage"]
  description = "Reads how the stack's rules, functions, buckets, topic, queues and alarms are set up"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = ["events:DescribeRule", "events:ListTargetsByRule"]
        # AWS leaves the name of the default bus out of the ARN, the embedded AWS does not.
        Resource = [
          "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.stack}-*",
          "arn:${local.partition}:events:${local.region}:${local.account}:rule/default/${local.stack}-*",
        ]
      },
      {
        Effect   = "Allow"
        Action   = ["lambda:GetFunctionConcurrency", "lambda:GetPolicy"]
        Resource = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.stack}-*"
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetBucketNotification", "s3:GetBucketPolicy"]
        Resource = [local.documents_arn, local.output_arn]
      },
      { Effect = "Allow", Action = "sns:GetTopicAttributes", Resource = local.topic_arn },
    ]
  })
}

# A policy of its own, because the key's policy names the roles, so that they cannot name the key.
resource "aws_iam_role_policy" "sign_publications" {
  for_each = { reconcile = aws_iam_role.reconcile.name, image-events = aws_iam_role.image_events.name }

  name = "sign-publications"
  role = each.value
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["kms:Sign", "kms:GetPublicKey"], Resource = local.signing_key_arn }]
  })
}

# A function logs to its own group, which is made here: it may make none.
resource "aws_iam_role_policy" "log" {
  for_each = local.function_roles

  name = "log"
  role = each.value
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.function[each.key].arn}:*"
    }]
  })
}

locals {
  policies = {
    ReportFailures = aws_iam_policy.report_failures.arn
    Notify         = aws_iam_policy.notify.arn
    ReadDocuments  = aws_iam_policy.read_documents.arn
    ReadParameters = aws_iam_policy.read_parameters.arn
    LookForDamage  = aws_iam_policy.look_for_damage.arn
  }

  shared = {
    reconcile       = ["ReportFailures", "Notify", "ReadDocuments", "ReadParameters", "LookForDamage"]
    scheduled-build = ["ReportFailures", "ReadDocuments"]
    image-events    = ["ReportFailures", "Notify", "ReadDocuments"]
  }

  function_roles = {
    reconcile       = aws_iam_role.reconcile.name
    scheduled-build = aws_iam_role.scheduled_build.name
    image-events    = aws_iam_role.image_events.name
  }
}

resource "aws_iam_role_policy_attachment" "shared" {
  for_each = merge([
    for function, names in local.shared : { for name in names : "${function}-${name}" => [function, name] }
  ]...)

  role       = local.function_roles[each.value[0]]
  policy_arn = local.policies[each.value[1]]
}
