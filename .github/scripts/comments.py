"""Our own comments on a pull request, each found again by the hidden marker it starts with."""

import github

AUTHOR = "github-actions[bot]"
# GitHub refuses a longer comment.
LONGEST = 65_536


def ours(number, marker):
    """Our comments: the id and the body of the first one of each name that `marker`, a pattern, finds."""
    found = {}
    for comment in github.pages(f"issues/{number}/comments"):
        starts = marker.match(comment["body"] or "")
        # Anybody may write the marker, and this token could edit their comment.
        if starts and (comment["user"] or {}).get("login") == AUTHOR:
            found.setdefault(starts[1], (comment["id"], comment["body"]))
    return found


def upsert(number, existing, body):
    """Makes a comment, or brings the existing one to this text."""
    if existing is None:
        github.send("POST", f"issues/{number}/comments", {"body": body})
    elif existing[1] != body:
        github.send("PATCH", f"issues/comments/{existing[0]}", {"body": body})
