# The team's own bucket for states, with versions: a state that is lost is restored from there.
bucket = "mstr-terraform-states"
key    = "mstr-ami/terraform_mstrami.state"
region = "us-east-1"

encrypt = true
# S3 itself keeps two applies apart: the lock is an object beside the state.
use_lockfile = true
