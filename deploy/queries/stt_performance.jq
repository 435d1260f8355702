# The measurements of speech recognition, one object for each recognition.
#
#   jq -c -f stt_performance.jq app.log
select(.component_type == "stt" and .performance_metrics != null)
| {timestamp, component, session_id, turn_id} + .performance_metrics
