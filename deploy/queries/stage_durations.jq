# How long each stage took.
#
#   jq -c -f stage_durations.jq app.log
select(.phase == "stage_end") | {stage, duration_ms}
