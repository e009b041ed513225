# What the function image-events may do.

resource "aws_iam_role" "image_events" {
  name                 = local.named["ImageEventsRole"]
  assume_role_policy   = local.trusts["lambda"]
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role_policy" "image_events_publish" {
  name = "publish"
  role = aws_iam_role.image_events.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:ListBucket", Resource = local.output_arn },
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "${local.output_arn}/images/*" },
      { Effect = "Allow", Action = "s3:PutObject", Resource = "${local.output_arn}/reports/*" },
      # That people were told of a failure is read again if the answer was lost, and taken back if the topic
      # refused.
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:DeleteObject"]
        Resource = ["${local.output_arn}/reports/failures/*", "${local.output_arn}/reports/approvals/*"]
      },
      # What tests and scans found on an image decides whether it is published.
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${local.output_arn}/results/*" },
      {
        Effect   = "Allow"
        Action   = "ssm:PutParameter"
        Resource = "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter/goldsmith/${var.environment}/*"
      },
      # The software list of what is published; instances write below results/ only.
      { Effect = "Allow", Action = "s3:PutObject", Resource = "${local.output_arn}/sboms/*" },
    ]
  })
}

resource "aws_iam_role_policy" "read_images_and_tag" {
  name = "read-images-and-tag"
  role = aws_iam_role.image_events.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["imagebuilder:GetImage", "imagebuilder:GetImagePipeline"]
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:*"
      },
      # Its pipeline carries what is published, and the image that it was.
      {
        Effect   = "Allow"
        Action   = "imagebuilder:TagResource"
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image-pipeline/*"
        Condition = {
          StringEquals         = { "aws:ResourceTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists = { "aws:RequestTag/goldsmith:environment" = var.environment }
        }
      },
      {
        Effect   = "Allow"
        Action   = "imagebuilder:TagResource"
        Resource = "arn:${local.partition}:imagebuilder:${local.region}:${local.account}:image/*"
        Condition = {
          StringEquals                = { "aws:ResourceTag/goldsmith:environment" = var.environment }
          StringEqualsIfExists        = { "aws:RequestTag/goldsmith:environment" = var.environment }
          "ForAllValues:StringEquals" = { "aws:TagKeys" = ["goldsmith:promoted"] }
        }
      },
      # What a scan found, and the packages of an image. Lists take no resource.
      {
        Effect    = "Allow"
        Action    = ["imagebuilder:ListImageScanFindings", "imagebuilder:ListImagePackages"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = local.region } }
      },
      # People are told how the log of a failed build ends.
      {
        Effect   = "Allow"
        Action   = "logs:GetLogEvents"
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/imagebuilder/*-${var.environment}-*:log-stream:*"
      },
    ]
  })
}
