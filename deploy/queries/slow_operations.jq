# What took longer than five seconds, or than --argjson over_ms 1000 says:
# operations, stages and turns. A call and the request that carries it are as long
# as people talk, and no matter here.
#
#   jq -c -f slow_operations.jq app.log
select((.phase | IN("operation_end", "stage_end", "turn_end")) and (.duration_ms // 0) > ($ARGS.named.over_ms // 5000))
| {timestamp, duration_ms, phase, what: (.extra_data["voice.operation.name"] // .stage // .module), component, correlation_id, session_id}
| with_entries(select(.value != null))
