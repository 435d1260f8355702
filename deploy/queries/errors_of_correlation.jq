# The errors of one call, by correlation ID, oldest first.
#
#   jq -c --arg id 550e8400-e29b-41d4-a716-446655440000 -f errors_of_correlation.jq app.log
select(.correlation_id == $id and ((.level | startswith("ERROR")) or .exception != null))
| {timestamp, level, component, module: .module, message, error: .exception.message, code: .extra_data.error_code, recovery: .extra_data.recovery_action}
| with_entries(select(.value != null))
