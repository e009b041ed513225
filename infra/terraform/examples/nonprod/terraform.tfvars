account = "111122223333"
region  = "us-east-1"

# The output UploadRole of infra/github-oidc.yaml, and the roles of people who run `goldsmith apply`.
uploader_arns = ["arn:aws:iam::111122223333:role/goldsmith-nonprod-upload"]
