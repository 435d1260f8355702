# The events of one session as text, one line each.
#
#   jq -r --arg id sess_f5e6d7c8b9a0 -f session_story.jq app.log
select(.session_id == $id)
| [
    .timestamp[11:23],
    .level,
    .module,
    .message,
    (if .duration_ms then "\(.duration_ms | floor) ms" else empty end),
    (.exception.message // empty)
  ]
| join("  ")
