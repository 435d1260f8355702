# The duration of each stage.
#
#   jq -c -f stage_durations.jq app.log
select(.phase == "stage_end") | {stage, duration_ms}
