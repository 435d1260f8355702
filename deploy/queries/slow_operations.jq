# Turns, stages, operations and LogPerformance records with a wait of more than five
# seconds, or of more than --argjson over_ms 1000.
#
#   jq -c -f slow_operations.jq app.log
#
# took_ms is the time that the user waited, not the duration. For a turn it is the response
# latency, because its duration includes the speech of user and agent. For a streaming
# stage it is the time after the end of the speech (STT), or before the first token (LLM)
# or the first byte (TTS). Sessions, and requests that carry a call, are left out, because
# their duration is that of the conversation.
def ms($key): .extra_data[$key] | values * 1000;
def took:
  if .phase == "turn_end" then .performance_metrics.response_latency_ms // ms("voice.turn.response_latency")
  elif .phase == "stage_end" then
    if .stage == "stt" then
      ms("voice.stt.final_latency")
      // (if .extra_data["voice.stt.real_time_factor"] then .duration_ms else .duration_ms - (ms("voice.stt.audio.duration") // 0) end)
    elif .stage == "llm" then ms("voice.llm.time_to_first_token") // ms("gen_ai.response.time_to_first_chunk") // .duration_ms
    elif .stage == "tts" then ms("voice.tts.time_to_first_byte") // .duration_ms
    else .duration_ms end
  elif .phase == "operation_end" or .module == "voice.performance" then .duration_ms
  else empty end;
(first(took) // 0) as $took
| select($took > ($ARGS.named.over_ms // 5000))
| {
    timestamp, took_ms: ($took * 1000 | round / 1000), phase,
    what: (.extra_data["voice.operation.name"] // .stage // .module), component, correlation_id, session_id
  }
| with_entries(select(.value != null))
