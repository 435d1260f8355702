// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"fmt"
	"maps"
	"math"
	"strings"
)

var segmentNames = []string{"transcription", "endpointing", "dispatch", "generation", "aggregation", "synthesis", "playout"}

// segments returns the parts of a response latency. Their sum is the latency.
func segments(latency float64) (parts []object) {
	for i, part := range []float64{0.2, 0.2, 0.02, 0.35, 0.05, 0.15, 0.03} {
		parts = append(parts, object{"name": segmentNames[i], "duration": latency * part})
	}
	return parts
}

// turn returns a turn as most are: the user speaks for 2 s, the agent for 3.
func turn(index int, start, latency float64) object {
	id := func(kind string) string { return fmt.Sprintf("%s%013d", kind, index) }
	end := start + 2
	audible := end + latency
	return object{
		"id": fmt.Sprintf("turn_%d", index), "index": index, "initiator": "user", "outcome": "completed",
		"start": start, "duration": 5 + latency, "response_latency": latency, "anchor": "vad", "segments": segments(latency),
		"user": []object{{"start": start, "duration": 2}}, "agent": []object{{"start": audible, "duration": 3}},
		"queued": 3, "played": 3, "media": object{"lost": 0, "jitter": 0.004, "gaps": 0},
		"cost": object{"amount": 0.0021, "currency": "USD"}, "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": id("aaa"),
		"attributes": object{"voice.turn.outcome": "completed", "voice.turn.anchor": "vad"},
		"stages": []object{
			{"kind": "speech_to_text", "name": "speech_to_text nova-3", "provider": "deepgram", "model": "nova-3", "start": start, "duration": 2 + latency*0.2, "outcome": "completed", "request_id": id("dg-"), "span_id": id("bbb"), "attributes": object{"voice.stt.confidence": 0.93}},
			{"kind": "chat", "name": "chat gpt-4o-mini", "provider": "openai", "model": "gpt-4o-mini", "start": end + latency*0.42, "duration": latency * 0.5, "first": latency * 0.35, "outcome": "completed", "tokens": object{"input": 1200, "output": 40, "cached": 1024}, "request_id": id("req_"), "span_id": id("ccc"), "cost": object{"amount": 0.0004, "currency": "USD"}, "events": []object{{"name": "voice.llm.first_token", "time": end + latency*0.77}}, "attributes": object{"gen_ai.request.model": "gpt-4o-mini", "gen_ai.usage.input_tokens": 1200, "gen_ai.response.finish_reasons": []string{"stop"}}},
			{"kind": "text_to_speech", "name": "text_to_speech sonic-3", "provider": "cartesia", "model": "sonic-3", "start": end + latency*0.82, "duration": 1.2, "first": latency * 0.15, "outcome": "completed", "characters": 64, "span_id": id("ddd")},
		},
	}
}

// fullCall is a call with all that a document can have.
func fullCall() object {
	questions := []string{"Good morning, I need a table for four.", "Tonight at eight.", "Is there a terrace?", "No, wait …", "Yes, inside is fine.", "My number is 555 0100."}
	answers := []string{"Good morning! For which day?", "Let me look. Eight o'clock is free.", "There is, but it is full tonight; would you like", "I am listening.", "I have a table inside, at eight.", "Thank you. A message is on its way."}
	turns, at := []object{}, 1.2
	for i, latency := range []float64{0.71, 0.84, 0.66, 0.9, 2.41, 0.78} {
		one := turn(i+1, at, latency)
		one["transcript"], one["reply"] = questions[i], answers[i]
		turns = append(turns, one)
		at += 5 + latency + 0.6
	}
	stages := func(i int) []object { return turns[i]["stages"].([]object) }
	// Turn 2 asks a tool.
	turns[1]["stages"] = append(stages(1), object{"kind": "execute_tool", "name": "execute_tool find_table", "start": 10.4, "duration": 0.25, "outcome": "completed", "span_id": "eee0000000000002", "stages": []object{{"kind": "http", "name": "GET", "start": 10.42, "duration": 0.2, "span_id": "fff0000000000002", "attributes": object{"server.address": "tables.example"}}}})
	// The user interrupts turn 3.
	turns[2]["outcome"], turns[2]["interruption"], turns[2]["played"] = "interrupted", object{"at": 17.6, "source": "audio_activity", "played": 1.3}, 1.3
	turns[2]["agent"], turns[2]["duration"] = []object{{"start": 16.6, "duration": 1.4}}, 4.3
	turns[3]["user"], turns[3]["start"] = []object{{"start": 17.5, "duration": 1.9}}, 17.5
	turns[3]["is_false_interruption"] = false
	// Turn 5 is slow: the first model failed.
	turns[4]["over_budget"], turns[4]["is_slow"] = []string{"generation"}, true
	first := stages(4)[1]
	retry := maps.Clone(first)
	first["error"], first["outcome"], first["duration"], first["attempt"] = "429", "failed", 0.6, 1
	delete(first, "first")
	retry["start"], retry["attempt"], retry["span_id"], retry["request_id"] = first["start"].(float64)+0.62, 2, "ccc1000000000005", "req_second"
	turns[4]["stages"] = append(stages(4), retry)
	turns[5]["underruns"], turns[5]["media"] = object{"count": 2, "duration": 0.18}, object{"lost": 12, "jitter": 0.031, "gaps": 3}
	return object{
		"id": "sess_full", "correlation_id": "corr-7f3a", "trace_ids": []string{"0af7651916cd43dd8448eb211c80319c"}, "start": "2026-03-01T09:00:00Z", "duration": at + 1,
		"agent": "concierge", "version": "1.4.0", "experiment": "short-answers", "channel": "phone", "outcome": "booked", "end_reason": "user_hangup",
		"cost": object{"amount": 0.0423, "currency": "USD"}, "time_to_first_audio": 0.8, "talk": object{"user": 11.9, "agent": 16.4, "overlap": 0.5, "silence": 6.3},
		"dead_air":   []object{{"start": 28.9, "duration": 2.2, "activity": "generation"}},
		"recording":  object{"uri": "s3://recordings/1.wav", "start": "2026-03-01T09:00:00Z", "channels": 2, "is_available": true},
		"attributes": object{"voice.channel": "phone", "voice.session.outcome": "booked"},
		"turns":      turns,
		"other":      []object{{"kind": "operation", "name": "connect media", "start": 0.05, "duration": 0.4, "outcome": "completed", "span_id": "9990000000000001"}, {"kind": "http", "name": "POST crm.example", "start": 3.1, "duration": 1.5, "error": "timeout", "span_id": "9990000000000002"}},
		"marks":      []object{{"kind": "dtmf", "time": 22.5, "text": "1"}, {"kind": "hold", "time": 31.0}, {"kind": "transfer", "time": 41.0, "text": "reception"}},
		"logs": []object{
			{"time": 0.1, "level": "INFO", "component": "voice.session", "message": "session started"},
			{"time": 29.1, "level": "WARN", "component": "voice.llm", "message": "attempt 1 failed: 429, retrying", "turn": 5, "span_id": first["span_id"], "attributes": object{"http.response.status_code": 429}},
			{"time": 31.5, "level": "INFO", "component": "voice.turn", "message": "turn completed", "turn": 5},
			{"time": 36.2, "level": "ERROR", "component": "voice.playout", "message": "two underruns", "turn": 6},
		},
		"faults": []string{"unknown attribute voice.foo on 2 spans"},
	}
}

// row returns the row of a call in the list.
func row(id string, change object) object {
	r := object{
		"id": id, "correlation_id": "corr-" + id, "start": "2026-03-01T09:00:00Z", "duration": 42.1, "agent": "concierge", "version": "1.4.0", "channel": "phone", "outcome": "booked",
		"end_reason": "user_hangup", "turns": 6, "interruptions": 0, "errors": 0, "slow_turns": 0, "cost": object{"amount": 0.0423, "currency": "USD"}, "latencies": []float64{0.71, 0.84, 0.66, 0.9, 1.1, 0.78},
	}
	maps.Copy(r, change)
	return r
}

// manyTurns is a long call.
func manyTurns(n int) object {
	turns := make([]object, n)
	logs := make([]object, n)
	for i := range turns {
		turns[i] = turn(i+1, float64(i)*7, 0.6+0.3*math.Abs(math.Sin(float64(i))))
		logs[i] = object{"time": float64(i) * 7, "level": "INFO", "message": fmt.Sprintf("line %d", i+1), "turn": i + 1}
	}
	return object{"id": "sess_many", "start": "2026-03-01T09:00:00Z", "duration": float64(n) * 7, "turns": turns, "logs": logs}
}

// hostileTexts are texts that would do harm if a page took them for more than text.
var hostileTexts = []string{
	`<script>window.hostile=1</script>`, `<img src=x onerror="window.hostile=1">`, `"><svg onload=window.hostile=1>`, `javascript:window.hostile=1`,
	`' onmouseover='window.hostile=1`, `</script></style></title><iframe srcdoc="<script>parent.hostile=1</script>">`, `{{constructor.constructor("window.hostile=1")()}}`,
	"\u202egnp.exe\u2066\u200f", "a\u0000b\u0007c", "\u202etxt\u200b", `<?lit$hostile$?><!--lit-part-->`, strings.Repeat("A", 1<<20), strings.Repeat("<b>", 1000) + strings.Repeat("é🎧", 20_000),
}

// spoil returns JSON in which all texts that may be any are hostile.
func spoil(v any, n *int) any {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "2026-") {
			return v
		}
		*n++
		if *n%50 < 2 { // The long ones are rarer, so that the document has a few of them.
			return hostileTexts[11+*n%50]
		}
		return hostileTexts[*n%11]
	case []string:
		all := make([]any, len(v))
		for i := range v {
			all[i] = spoil(v[i], n)
		}
		return all
	case []object:
		all := make([]any, len(v))
		for i := range v {
			all[i] = spoil(v[i], n)
		}
		return all
	case object:
		spoiled := object{}
		for key, each := range v {
			if key == "attributes" || key == "media" {
				spoiled[key] = object{hostileTexts[*n%11]: spoil("x", n), "__proto__": "x", "constructor": hostileTexts[1], "nested": []any{object{"<b>": hostileTexts[0]}}}
				continue
			}
			spoiled[key] = spoil(each, n)
		}
		return spoiled
	}
	return v
}

// latencies is the answer about latency.
func latencies() object {
	groups := []object{}
	for i, name := range []string{"gpt-4o-mini", "claude-haiku", ""} {
		f := 1 + float64(i)*0.2
		groups = append(groups, object{"name": name, "count": 120 - 40*i, "p50": 0.61 * f, "p90": 0.9 * f, "p95": 1.1 * f, "p99": 1.82 * f})
	}
	all := []object{}
	for i, name := range append([]string{"response"}, segmentNames...) {
		f := 1 / (1 + float64(i))
		all = append(all, object{"name": name, "count": 240, "p50": 0.66 * f, "p90": 0.95 * f, "p95": 1.2 * f, "p99": 1.9 * f})
	}
	points, bins := []object{}, []object{}
	for i := range 240 {
		points = append(points, object{"time": fmt.Sprintf("2026-03-01T%02d:%02d:00Z", 9+i/60, i%60), "value": 0.5 + 0.4*math.Abs(math.Sin(float64(i)*1.7)) + float64(i%37)/60, "call": fmt.Sprintf("sess_%d", i/6), "turn": i%6 + 1, "group": groups[i%3]["name"]})
	}
	for i := range 20 {
		bins = append(bins, object{"from": 0.4 + float64(i)*0.06, "to": 0.46 + float64(i)*0.06, "count": int(40 * math.Exp(-math.Pow(float64(i)-6, 2)/18))})
	}
	return object{"groups": groups, "segments": all, "points": points, "histogram": bins}
}

// comparison is the answer about two versions.
func comparison() object {
	rows := []object{}
	for i, name := range append([]string{"response_latency"}, segmentNames...) {
		difference := 0.09 - 0.03*float64(i)
		rows = append(rows, object{"measure": name, "quantile": "p50", "base": 0.61, "new": 0.61 + difference, "difference": difference, "relative": difference / 0.61, "low": difference - 0.05, "high": difference + 0.05, "is_significant": math.Abs(difference) > 0.05})
	}
	return object{"base": object{"turns": 120, "calls": 20}, "new": object{"turns": 118, "calls": 19}, "rows": rows}
}

// state is the answer about health.
func state() object {
	return object{
		"received": object{"spans": 1200, "logs": 3400, "metrics": 90}, "dropped": []object{{"reason": "older than the limit", "count": 12}},
		"faults": []object{{"rule": "unknown attribute", "example": "voice.foo", "count": 2, "call": "sess_full"}},
		"stored": object{"calls": 20, "spans": 1200, "logs": 3400, "bytes": 4 << 20}, "limits": object{"calls": 20000, "bytes": 512 << 20},
		"since": "2026-03-01T08:00:00Z", "version": "0.9.0", "listening": []string{"http://127.0.0.1:14318", "grpc://127.0.0.1:14317"},
	}
}
