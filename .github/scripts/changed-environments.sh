#!/usr/bin/env bash
# Which environments a change touches: `names` (a b) and `environments` (["a","b"]) for later steps.
#
#   changed-environments.sh BEFORE AFTER
#
# An environment is a directory of ami-versions/ that holds ami-versions.json or environment.json in
# AFTER. When BEFORE is not there (a new branch, a history that was replaced), every environment
# counts as touched: uploading one that did not change does nothing.
set -euo pipefail

before=$1
after=$2
# Names become those of stacks and of GitHub environments: as infra/template.yaml allows them.
shape='^[a-z][a-z0-9]{1,11}$'

# What fails inside the pipe below would look like no change at all.
git cat-file -e "$after^{commit}"

is_environment() {
  git cat-file -e "$after:ami-versions/$1/ami-versions.json" 2>/dev/null ||
    git cat-file -e "$after:ami-versions/$1/environment.json" 2>/dev/null
}

touched() {
  if git cat-file -e "$before^{commit}" 2>/dev/null; then
    git -c core.quotePath=false diff --no-renames --name-only -z "$before" "$after" -- ami-versions
  else
    git ls-tree -r --name-only -z "$after" -- ami-versions
  fi
}

names=()
while IFS= read -r -d '' name; do
  if ! [[ $name =~ $shape ]]; then
    printf '::warning::%q is no name of an environment: two to twelve lower case letters and digits\n' "$name" >&2
  elif is_environment "$name"; then
    names+=("$name")
  else
    echo "::notice::ami-versions/$name holds no documents of an environment" >&2
  fi
done < <(touched | cut -z -d / -f 2- | grep -z / | cut -z -d / -f 1 | sort -zu)

json=$(printf ',"%s"' "${names[@]}")
[[ ${#names[@]} -gt 0 ]] && json=${json:1} || json=
{
  echo "names=${names[*]}"
  echo "environments=[$json]"
} >>"$GITHUB_OUTPUT"
if [[ ${#names[@]} -gt 0 ]]; then
  echo "environments that change: ${names[*]}"
else
  echo "no environment changes"
fi
